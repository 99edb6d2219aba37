package config_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
)

// The tests of this file set environment variables, which the SDK reads, so they do not run in parallel.

func TestAWS(t *testing.T) {
	tests := map[string]struct {
		environ map[string]string
		config  config.Config
		code    string // of the refusal; empty: none
		says    string
	}{
		"takes keys and Region from the environment": {
			environ: map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"},
		},
		"takes them from the profile that was named": {
			config: config.Config{Profile: "there"},
		},
		"refuses a profile that does not exist": {
			config: config.Config{Profile: "gone", Region: "eu-west-1"}, code: "V3011", says: "gone",
		},
		"refuses to guess a Region": {
			environ: map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}, code: "V3012", says: "Region",
		},
		"says at once that there are no credentials": {
			config: config.Config{Region: "eu-west-1"}, code: "V3001", says: "no usable AWS credentials",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			alone(t)
			for name, value := range test.environ {
				t.Setenv(name, value)
			}
			cfg, err := test.config.AWS(t.Context())
			var refused account.Refused
			if errors.As(err, &refused); refused.Code != test.code || !strings.Contains(refused.Reason, test.says) {
				t.Fatalf("error %v, want code %q", err, test.code)
			}
			if err == nil && cfg.Region != "eu-west-1" {
				t.Errorf("region %q", cfg.Region)
			}
		})
	}
}

// alone keeps the SDK from finding anything of the machine that the test runs on.
func alone(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	profile := "[profile there]\nregion = eu-west-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
	if err := os.WriteFile(file, []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", dir)
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestNobodyThereIsToldAtOnce(t *testing.T) {
	alone(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	cfg, err := config.Config{Region: "eu-west-1"}.AWS(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	retryer := cfg.Retryer()
	tests := map[string]struct {
		err  error
		want bool
	}{
		"nobody listens":           {&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, false},
		"the name leads nowhere":   {&net.DNSError{Err: "no such host", Name: "nowhere", IsNotFound: true}, false},
		"the connection was lost":  {&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, true},
		"the names have no answer": {&net.DNSError{Err: "server misbehaving", Name: "aws", IsTemporary: true}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := retryer.IsErrorRetryable(test.err); got != test.want {
				t.Errorf("tried again: %t", got)
			}
		})
	}
}
