//go:build conformance

package render_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/render"
)

// TestReportInABrowser looks at the report in Chromium: in light and in dark, in a narrow window, and on paper. The
// pictures stay in the folder that VEND_SCREENSHOTS names, where it is set, for people to look at.
func TestReportInABrowser(t *testing.T) {
	t.Parallel()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			browser = found
			break
		}
	}
	if browser == "" {
		t.Skip("there is no Chromium: `apt-get install chromium` has one")
	}
	folder := os.Getenv("VEND_SCREENSHOTS")
	if folder == "" {
		folder = t.TempDir()
	}
	page := filepath.Join(folder, "report.html")
	if err := os.WriteFile(page, []byte(wholeReport(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	profile := t.TempDir()
	look := func(t *testing.T, file string, options ...string) []byte {
		t.Helper()
		file = filepath.Join(folder, file)
		option := "--screenshot="
		if strings.HasSuffix(file, ".pdf") {
			option = "--print-to-pdf="
		}
		args := append([]string{
			"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1", "--user-data-dir=" + profile,
			"--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer", option + file,
		}, options...)
		if out, err := exec.CommandContext(t.Context(), browser, append(args, "file://"+page)...).CombinedOutput(); err != nil {
			t.Fatalf("run %s: %v\n%s", browser, err, out)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	blue, paleBlue := color.RGBA{0x2f, 0x6f, 0xd0, 0xff}, color.RGBA{0x5c, 0x98, 0xf2, 0xff} // provisioning
	for name, test := range map[string]struct {
		options []string
		page    color.RGBA
		bar     color.RGBA
	}{
		"light.png":  {[]string{"--window-size=1100,1500", "--blink-settings=preferredColorScheme=1"}, color.RGBA{0xff, 0xff, 0xff, 0xff}, blue},
		"dark.png":   {[]string{"--window-size=1100,1500", "--blink-settings=preferredColorScheme=0"}, color.RGBA{0x12, 0x16, 0x1b, 0xff}, paleBlue},
		"narrow.png": {[]string{"--window-size=500,2200", "--blink-settings=preferredColorScheme=1"}, color.RGBA{0xff, 0xff, 0xff, 0xff}, blue},
	} {
		picture, err := png.Decode(bytes.NewReader(look(t, name, test.options...)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := colored(picture, picture.Bounds(), test.page); n < picture.Bounds().Dx()*picture.Bounds().Dy()/3 {
			t.Errorf("%s: only %d pixels are of the page's colour %v", name, n, test.page)
		}
		if n := colored(picture, picture.Bounds(), test.bar); n < 200 {
			t.Errorf("%s: the time line has %d pixels of provisioning", name, n)
		}
		edge := picture.Bounds()
		edge.Min.X = edge.Max.X - 4
		if n := colored(picture, edge, test.page); n != edge.Dx()*edge.Dy() {
			t.Errorf("%s: something runs off the right edge", name)
		}
	}
	paper := look(t, "paper.pdf")
	if !bytes.HasPrefix(paper, []byte("%PDF-")) || bytes.Count(paper, []byte("/Type /Page\n")) > 4 {
		t.Errorf("on paper it has %d pages", bytes.Count(paper, []byte("/Type /Page\n")))
	}
}

// colored counts the pixels of a colour.
func colored(picture image.Image, within image.Rectangle, want color.RGBA) (n int) {
	for y := within.Min.Y; y < within.Max.Y; y++ {
		for x := within.Min.X; x < within.Max.X; x++ {
			if color.RGBAModel.Convert(picture.At(x, y)) == want {
				n++
			}
		}
	}
	return n
}

// wholeReport is a report in which everything occurs that may.
func wholeReport(t *testing.T) string {
	t.Helper()
	o := view()
	o.Batches = o.Batches[:1]
	queued := noon.Add(-2 * time.Hour)
	histories := map[string][]account.Event{}
	for i, r := range o.Requests {
		at := queued.Add(time.Duration(10*i+1) * time.Minute)
		for _, s := range []account.Stage{account.Preparing, account.Provisioning, account.Assigning, r.Stage} {
			if r.Stage == account.Queued {
				break
			}
			histories[r.ID] = append(histories[r.ID], account.Event{At: at, Stage: s, What: "x"})
			if at = at.Add(20 * time.Minute); s == r.Stage {
				break
			}
		}
	}
	var out strings.Builder
	if err := printer(render.Table, &out).Report(render.Report{Overview: o, Histories: histories, Results: "s3://lists/results/b-0123456789ab/accounts.csv", Version: "v1"}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
