package organizations

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"strings"
)

// pageInput stands in every list.
type pageInput struct {
	MaxResults *int   `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

const largestPage = 20

// page cuts a page out of a list. AWS warns that a page may be empty although more follows ("always check the NextToken
// response parameter", AWS Organizations API Reference): every list of more than one page has an empty one after its
// first, and some shorter lists begin with one. list names the list, so that a token fits no other.
func page[T any](list string, all []T, in pageInput) ([]T, string, error) {
	size := largestPage
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if size < 1 || size > largestPage {
		return nil, "", invalid("MAX_LIMIT_EXCEEDED_FILTER", "You specified a value for MaxResults that is not within 1 and 20.")
	}
	from, rested := 0, false
	if in.NextToken != "" {
		var ok bool
		if from, rested, ok = readToken(list, in.NextToken); !ok || from > len(all) {
			return nil, "", invalid("INVALID_NEXT_TOKEN", "The provided pagination token is not valid.")
		}
	}
	short := from == 0 && len(all) > 0 && len(all) <= size && crc32.ChecksumIEEE([]byte(list))%3 == 0
	long := from == size
	if !rested && from < len(all) && (short || long) {
		return []T{}, token(list, from, true), nil
	}
	to := min(from+size, len(all))
	next := ""
	if to < len(all) {
		next = token(list, to, false)
	}
	return append([]T{}, all[from:to]...), next, nil
}

func token(list string, from int, rested bool) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %d %t", list, from, rested))
}

func readToken(list, token string) (from int, rested, ok bool) {
	plain, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return 0, false, false
	}
	rest, ok := strings.CutPrefix(string(plain), list+" ")
	if !ok {
		return 0, false, false
	}
	n, err := fmt.Sscanf(rest, "%d %t", &from, &rested)
	return from, rested, err == nil && n == 2 && from >= 0
}
