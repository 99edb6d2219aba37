package recording

// Decode reads a body as a recording does, and leaves it as it is.
var Decode = decode

// Redact redacts a body as one recording does.
func Redact(contentType string) func(raw []byte) (any, bool) {
	d := newRedactor()
	return func(raw []byte) (any, bool) { return d.body(contentType, raw) }
}
