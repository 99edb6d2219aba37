package dynamodb

import (
	"cmp"
	"math/big"
	"strings"
)

// The range of a Number: 1E-130 to 9.9999999999999999999999999999999999999E+125, with 38 digits of precision
// (DynamoDB Developer Guide, "Supported data types and naming rules").
const (
	maxDigits   = 38
	maxExponent = 126
	minExponent = -129
)

// number is the decimal 0.d1d2d3… × 10^exponent. Its digits have no zeros at either end; zero has none.
type number struct {
	negative bool
	digits   string
	exponent int
}

// parseNumber reads a Number as a client writes it.
func parseNumber(text string) (number, error) {
	if text == "" {
		return number{}, invalid("The parameter cannot be converted to a numeric value")
	}
	n, ok := scanNumber(text)
	if !ok {
		return number{}, invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	return n, n.check()
}

func (n number) check() error {
	switch {
	case n.digits == "":
		return nil
	case n.exponent > maxExponent:
		return invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case n.exponent < minExponent:
		return invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(n.digits) > maxDigits:
		return invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return nil
}

func scanNumber(text string) (number, bool) {
	n := number{}
	rest := text
	switch rest[0] {
	case '-':
		n.negative = true
		rest = rest[1:]
	case '+':
		rest = rest[1:]
	}
	whole, rest := cutDigits(rest)
	fraction := ""
	if after, ok := strings.CutPrefix(rest, "."); ok {
		fraction, rest = cutDigits(after)
	}
	if whole+fraction == "" {
		return number{}, false
	}
	shift, ok := scanExponent(rest)
	if !ok {
		return number{}, false
	}
	return normal(n.negative, whole+fraction, len(whole)+shift), true
}

// scanExponent reads "e-12". Absurdly large exponents are cut off far outside of the range of a Number.
func scanExponent(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	sign := 1
	if after, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = -1, after
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	digits, rest := cutDigits(text)
	if digits == "" || rest != "" {
		return 0, false
	}
	value := 0
	for _, d := range digits {
		value = min(value*10+int(d-'0'), 1_000_000)
	}
	return sign * value, true
}

func cutDigits(text string) (digits, rest string) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	return text[:end], text[end:]
}

// normal is 0.digits × 10^exponent without superfluous zeros.
func normal(negative bool, digits string, exponent int) number {
	trimmed := strings.TrimLeft(digits, "0")
	exponent -= len(digits) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, "0")
	if trimmed == "" {
		return number{}
	}
	return number{negative: negative, digits: trimmed, exponent: exponent}
}

// String is how DynamoDB writes the number: plain decimal notation, without an exponent or superfluous zeros.
func (n number) String() string {
	if n.digits == "" {
		return "0"
	}
	text := n.digits
	switch {
	case n.exponent <= 0:
		text = "0." + strings.Repeat("0", -n.exponent) + n.digits
	case n.exponent < len(n.digits):
		text = n.digits[:n.exponent] + "." + n.digits[n.exponent:]
	default:
		text += strings.Repeat("0", n.exponent-len(n.digits))
	}
	if n.negative {
		return "-" + text
	}
	return text
}

func (n number) compare(m number) int {
	return cmp.Compare(n.sortable(), m.sortable())
}

// sortable spells the number so that byte order is numeric order, and no spelling is the beginning of another one.
func (n number) sortable() string {
	if n.digits == "" {
		return "\x80"
	}
	key := make([]byte, 0, len(n.digits)+3)
	if !n.negative {
		key = append(key, 0x81, byte(n.exponent-minExponent))
		key = append(key, n.digits...)
		return string(append(key, 0))
	}
	key = append(key, 0x7f, byte(maxExponent-n.exponent))
	for i := range len(n.digits) {
		key = append(key, '0'+'9'-n.digits[i])
	}
	return string(append(key, 0xff))
}

// plus adds exactly; the sum may be no storable Number.
func (n number) plus(m number) number {
	scale := min(n.exponent-len(n.digits), m.exponent-len(m.digits))
	sum := new(big.Int).Add(n.scaled(scale), m.scaled(scale))
	digits := new(big.Int).Abs(sum).String()
	return normal(sum.Sign() < 0, digits, len(digits)+scale)
}

func (n number) negated() number {
	n.negative = !n.negative && n.digits != ""
	return n
}

// scaled is the number as a multiple of 10^scale.
func (n number) scaled(scale int) *big.Int {
	i := new(big.Int)
	if n.digits == "" {
		return i
	}
	i.SetString(n.digits+strings.Repeat("0", n.exponent-len(n.digits)-scale), 10)
	if n.negative {
		i.Neg(i)
	}
	return i
}

// size is what the number counts in an item: a byte for two digits, and one more; a sign takes one, too.
func (n number) size() int {
	size := (len(n.digits)+1)/2 + 1
	if n.negative {
		size++
	}
	return size
}
