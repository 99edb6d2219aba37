// Command measure runs the command of its arguments, and writes what it took as JSON.
//
// It is a small process of its own, since Linux counts to a process the memory of the one that has started it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stderr = os.Stderr
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	resident := int64(usage.Maxrss)
	if runtime.GOOS != "darwin" {
		resident *= 1024 // elsewhere it is told in kilobytes
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]int64{"took": int64(took), "resident": resident})
}
