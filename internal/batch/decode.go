package batch

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/vend-cli/vend/internal/account"
)

// The bounds of an account list. Each is refused where it is crossed.
const (
	MaxBytes   = 32 << 20
	MaxRows    = 200_000
	MaxColumns = 64
	MaxCell    = 4 << 10 // bytes
)

// containers are other kinds of files, by how they begin.
var containers = []struct{ magic, what, remedy string }{
	{"PK\x03\x04", "an Excel workbook (.xlsx), one of another program (.ods, .numbers) or a zip archive", `open it and save it as "CSV UTF-8"`},
	{"PK\x05\x06", "an empty zip archive", `save the list as "CSV UTF-8"`},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel workbook (.xls), or one with a password", `open it and save it as "CSV UTF-8"`},
	{"\x1F\x8B", "a gzip archive", "unpack it first"},
	{"BZh", "a bzip2 archive", "unpack it first"},
	{"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", "unpack it first"},
	{"\xFD7zXZ\x00", "an xz archive", "unpack it first"},
	{"%PDF-", "a PDF document", `take the list from where the PDF was made, as "CSV UTF-8"`},
	{"{\\rtf", "a rich text document", `save the list as "CSV UTF-8"`},
	{"<!doctype html", "a web page", `export the list as "CSV UTF-8"; a sign-in page may have been downloaded instead of the file`},
	{"<html", "a web page", `export the list as "CSV UTF-8"; a sign-in page may have been downloaded instead of the file`},
	{"<table", "a web page", `export the list as "CSV UTF-8"`},
	{"<!--", "a web page", `export the list as "CSV UTF-8"`},
	{"version https://git-lfs", "a pointer of Git LFS to the file", "fetch the file itself with `git lfs pull`"},
	{"<?xml", "an XML document", `open it and save it as "CSV UTF-8"`},
	{"\x00\x00\xFE\xFF", "text in UTF-32", `save it as "CSV UTF-8"`},
	{"\xFF\xFE\x00\x00", "text in UTF-32", `save it as "CSV UTF-8"`},
}

const (
	utf8Mark    = "\xEF\xBB\xBF"
	utf16LEMark = "\xFF\xFE"
	utf16BEMark = "\xFE\xFF"
)

// text is an account list as UTF-8, whatever it was encoded as.
type text struct {
	io.Reader
	marked bool // it began with a byte order mark
}

// decode opens the list's text, or refuses content that is no text of an account list.
func decode(src io.Reader, size int64) (text, *Problem) {
	if size > MaxBytes {
		return text{}, tooLarge(1)
	}
	in := bufio.NewReaderSize(&bounded{src: src}, 64<<10)
	head, _ := in.Peek(1 << 10) // an error comes again when what is there has been read
	if p := container(head); p != nil {
		return text{}, p
	}
	utf16 := func(order unicode.Endianness) text {
		return text{unicode.UTF16(order, unicode.ExpectBOM).NewDecoder().Reader(in), true}
	}
	switch {
	case bytes.HasPrefix(head, []byte(utf8Mark)):
		_, _ = in.Discard(len(utf8Mark)) // can't fail: it was peeked at
		return text{in, true}, nil
	case bytes.HasPrefix(head, []byte(utf16LEMark)):
		return utf16(unicode.LittleEndian), nil
	case bytes.HasPrefix(head, []byte(utf16BEMark)):
		return utf16(unicode.BigEndian), nil
	case wide(head, 0) || wide(head, 1):
		return text{}, &Problem{
			Line: 1, Column: 1, Code: account.CodeNotUTF8, Severity: Error,
			Message:    "The file looks like UTF-16 without a byte order mark",
			Suggestion: `save it as "CSV UTF-8"`,
		}
	}
	if isBinary(head) {
		return text{}, notCSV("binary data", "look where the list came from, and save it as \"CSV UTF-8\"")
	}
	return text{in, false}, nil
}

// wide says whether every other byte from offset on is NUL, and those between them hardly ever: ASCII as UTF-16.
func wide(head []byte, offset int) bool {
	var nul [2]int
	for i, b := range head {
		if b == 0 {
			nul[(i+offset)%2]++
		}
	}
	half := len(head) / 2
	return len(head) > 3 && nul[0] >= half*2/3 && nul[1] <= half/8
}

// isBinary says whether a third of the bytes are nothing that a text is made of. A text in another code page has letters
// among them, but no NUL.
func isBinary(head []byte) bool {
	odd := 0
	for rest := head; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 || r < ' ' && !strings.ContainsRune("\t\r\n", r) {
			odd++
		}
		rest = rest[size:]
	}
	return odd > len(head)/3 && bytes.IndexByte(head, 0) >= 0
}

// container recognises files that are no text at all, or text that is no list.
func container(head []byte) *Problem {
	start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte(utf8Mark)), " \t\r\n"))
	for _, c := range containers {
		if bytes.HasPrefix(head, []byte(c.magic)) || c.magic[0] == '<' && bytes.HasPrefix(start, []byte(c.magic)) {
			return notCSV(c.what, c.remedy)
		}
	}
	return nil
}

func notCSV(what, remedy string) *Problem {
	return &Problem{
		Line: 1, Column: 1, Code: account.CodeNotCSV, Severity: Error,
		Message: "The file is " + what + ", not a CSV file", Suggestion: remedy,
	}
}

func tooLarge(line int) *Problem {
	return &Problem{
		Line: line, Column: 1, Code: account.CodeTooLarge, Severity: Error,
		Message:    "The file is larger than 32 MiB, which is the most that is read",
		Suggestion: "split it; each part is a batch of its own",
	}
}

var errTooLarge = errors.New("larger than 32 MiB")

// bounded reads up to [MaxBytes], and fails where more come. It fails for good.
type bounded struct {
	src  io.Reader
	read int64
	err  error
}

func (b *bounded) Read(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	if room := MaxBytes - b.read; int64(len(p)) > room {
		p = p[:room+1] // one more byte tells a full list from one that is too large
	}
	n, b.err = b.src.Read(p)
	b.read += int64(n)
	if b.read > MaxBytes {
		n, b.err = n-1, errTooLarge
	}
	return n, b.err
}

// delimiters are what a list's cells may be parted by, the likeliest first.
const delimiters = ",;\t"

// separatorLine reads Excel's "sep=;" line.
func separatorLine(line string) (comma byte, ok bool) {
	line = strings.Trim(strings.TrimRight(line, "\r\n"), `"`)
	if len(line) != 5 || !strings.EqualFold(line[:4], "sep=") || strings.IndexByte(delimiters+"|", line[4]) < 0 {
		return 0, false
	}
	return line[4], true
}

// detectDelimiter finds the delimiter under which a header line has the most names that mean something.
func detectDelimiter(header string) byte {
	best, most := byte(','), 0
	for _, comma := range []byte(delimiters) {
		if known := knownNames(header, comma); known > most {
			best, most = comma, known
		}
	}
	if most > 0 {
		return best
	}
	for _, comma := range []byte(delimiters) {
		if n := strings.Count(header, string(rune(comma))); n > most {
			best, most = comma, n
		}
	}
	return best
}

// knownNames is how many names of a header line mean something under a delimiter.
func knownNames(header string, comma byte) int {
	known := 0
	for name := range strings.SplitSeq(header, string(rune(comma))) {
		if _, ok := knownColumns[normal(strings.Trim(name, " \r\""))]; ok {
			known++
		}
	}
	return known
}
