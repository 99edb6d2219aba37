package recording_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/recording"
	"github.com/vend-cli/vend/internal/sandbox"
)

// replay asks a sandbox what AWS was asked, at the same times, and compares the answers: outcomes, members, types.
//
// Pseudonyms stand for other things in the sandbox. What an answer of the recording calls ou-0000-00000006 is bound to what
// stands in the sandbox's answer at the same place, and later requests ask for that. A pseudonym that no answer had, such as
// the name of a new account, is good enough to be asked for itself.
type replay struct {
	client  *http.Client
	began   time.Time
	bound   map[string]string
	shapes  map[string]*[2]map[string]string // by operation: AWS's and the sandbox's, types by path
	asked   int
	people  map[string][]string // of the sandbox, by the operation that finds them by name
	left    map[string]int      // exchanges that were left out, by why
	differs []string            // in its outcome
}

func newReplay(s *sandbox.Sandbox) *replay {
	people := map[string][]string{}
	for _, g := range s.World().IdentityCenter.Groups {
		people["GetGroupId"] = append(people["GetGroupId"], g.Name)
	}
	for _, u := range s.World().IdentityCenter.Users {
		people["GetUserId"] = append(people["GetUserId"], u.UserName)
	}
	return &replay{
		people: people,
		client: &http.Client{Transport: s.RoundTripper()}, began: time.Now(),
		bound: map[string]string{}, shapes: map[string]*[2]map[string]string{}, left: map[string]int{},
	}
}

// run replays all of a recording. It is to be called in a bubble, or it takes as long as the recording took.
func (r *replay) run(trace []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(trace))
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		var e recording.Exchange
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.UseNumber()
		if err := d.Decode(&e); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		switch {
		case e.Service == "unsigned" || e.Request.Method == "":
			r.left["not signed"]++
		case e.Request.Withheld:
			r.left["what it was asked is not in the recording"]++
		case e.Answer.Status == 0:
			r.left["never answered"]++
		default:
			time.Sleep(time.Until(r.began.Add(time.Duration(e.At) * time.Millisecond)))
			if err := r.ask(n, e); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
	return lines.Err()
}

func (r *replay) ask(n int, e recording.Exchange) error {
	r.asked++
	answer, raw, err := r.send(e)
	if err != nil {
		return err
	}
	kind := answer.Header.Get("Content-Type")
	redacted, _ := recording.Redact(kind)(raw)
	theirs, ours := outcome(e.Answer.Status, e.Answer.Body), outcome(answer.StatusCode, redacted)
	if theirs != ours {
		r.differs = append(r.differs, fmt.Sprintf("line %d: %s.%s: AWS answers %s, the sandbox %s", n, e.Service, e.Operation, theirs, ours))
		return nil
	}
	if tree, err := recording.Decode(kind, raw); err == nil {
		r.bind(e.Answer.Body, tree)
	}
	key := e.Service + "." + e.Operation + " " + theirs
	if r.shapes[key] == nil {
		r.shapes[key] = &[2]map[string]string{{}, {}}
	}
	shape("", e.Answer.Body, r.shapes[key][0])
	shape("", redacted, r.shapes[key][1])
	return nil
}

// standIn chooses a group or a user of the sandbox for one that AWS found by its name, which no answer had before.
func (r *replay) standIn(e recording.Exchange) {
	by, _ := e.Request.Body.(map[string]any)
	for _, name := range []string{"AlternateIdentifier", "UniqueAttribute"} {
		by, _ = by[name].(map[string]any)
	}
	asked, _ := by["AttributeValue"].(string)
	if left := r.people[e.Operation]; len(left) > 0 && r.bound[asked] == "" && e.Answer.Status == http.StatusOK {
		r.bound[asked], r.people[e.Operation] = left[0], left[1:]
	}
}

func (r *replay) send(e recording.Exchange) (*http.Response, []byte, error) {
	r.standIn(e)
	var body string
	switch kind := e.Request.Header["Content-Type"]; {
	case e.Request.Body == nil:
	case strings.Contains(kind, "form"):
		form := url.Values{}
		for name, value := range r.there(e.Request.Body).(map[string]any) {
			form.Set(name, fmt.Sprint(value))
		}
		body = form.Encode()
	default:
		text, err := json.Marshal(r.there(e.Request.Body))
		if err != nil {
			return nil, nil, err
		}
		body = string(text)
	}
	request, err := http.NewRequest(e.Request.Method, "http://sandbox.test"+e.Request.Path, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for name, value := range e.Request.Header {
		request.Header.Set(name, value)
	}
	now := time.Now().UTC()
	request.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	caller := e.Caller
	if known, found := r.bound[caller]; found {
		caller = known
	}
	request.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=host, Signature=0",
		caller, now.Format("20060102"), e.Region, e.Service))
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return answer, raw, err
}

var named = regexp.MustCompile(`^(.*) \((ou-[0-9a-z]+-[0-9a-z]+)\)$`)

// bind learns what the pseudonyms of a recorded answer are called in the sandbox.
func (r *replay) bind(theirs, ours any) {
	switch t := theirs.(type) {
	case map[string]any:
		o, _ := ours.(map[string]any)
		for name, value := range t {
			r.bind(value, o[name])
		}
	case []any:
		o, _ := ours.([]any)
		for i := range min(len(t), len(o)) {
			r.bind(t[i], o[i])
		}
	case string:
		if o, ok := ours.(string); ok && t != o {
			r.bound[t] = o
			if a, b := named.FindStringSubmatch(t), named.FindStringSubmatch(o); a != nil && b != nil {
				r.bound[a[1]], r.bound[a[2]] = b[1], b[2]
			}
		}
	}
}

// there is a recorded value as the sandbox calls it.
func (r *replay) there(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = r.there(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = r.there(value)
		}
		return out
	case string:
		if known, found := r.bound[v]; found {
			return known
		}
		if m := named.FindStringSubmatch(v); m != nil {
			return fmt.Sprintf("%s (%s)", r.there(m[1]), r.there(m[2]))
		}
		if by, what, found := strings.Cut(v, ":"); found && by == "name" {
			return by + ":" + r.there(what).(string)
		}
		if parts := strings.Split(v, "/"); strings.HasPrefix(v, "arn:") && len(parts) > 1 {
			for i, part := range parts[1:] {
				parts[i+1] = r.there(part).(string)
			}
			head := strings.Split(parts[0], ":")
			for i, part := range head {
				head[i] = r.there(part).(string)
			}
			parts[0] = strings.Join(head, ":")
			return strings.Join(parts, "/")
		}
	}
	return v
}

// outcome is status and error code of an answer.
func outcome(status int, body any) string {
	text := fmt.Sprint(status)
	if status < 300 {
		return text
	}
	for object, ok := body.(map[string]any); ok; object, ok = body.(map[string]any) {
		for _, name := range []string{"__type", "Code"} {
			if code, found := object[name].(string); found {
				return text + " " + code[strings.LastIndex(code, "#")+1:]
			}
		}
		body = object["Error"]
		if inner, found := object["ErrorResponse"]; found {
			body = inner
		}
	}
	return text
}

var forms = []struct {
	name string
	is   *regexp.Regexp
}{
	{"account id", regexp.MustCompile(`^\d{12}$`)},
	{"UUID", regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)},
	{"ARN", regexp.MustCompile(`^arn:`)},
	{"e-mail", regexp.MustCompile(`^person-\d+@example\.com$`)},
	{"time", regexp.MustCompile(`^\d{4}-\d\d-\d\dT`)},
	{"id of a unit", regexp.MustCompile(`^ou-0000-\d+$`)},
}

// shape collects the types of members by their paths.
func shape(path string, v any, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		into[path] = "object"
		for name, value := range v {
			shape(path+"."+name, value, into)
		}
	case []any:
		into[path] = "list"
		for _, value := range v {
			shape(path+"[]", value, into)
		}
	case nil: // as good as absent
	case string:
		into[path] = "text"
		for _, form := range forms {
			if form.is.MatchString(v) {
				into[path] = form.name
			}
		}
	case json.Number:
		into[path] = "number"
	default:
		into[path] = fmt.Sprintf("%T", v)
	}
}

// unlike are the differences of members. Where the sandbox has nothing to show, such as a list without an entry, nothing is
// said.
func (r *replay) unlike() []string {
	var all []string
	for _, operation := range slices.Sorted(maps.Keys(r.shapes)) {
		theirs, ours := r.shapes[operation][0], r.shapes[operation][1]
		all = append(all, lacking(operation, "AWS", "the sandbox", theirs, ours)...)
		all = append(all, lacking(operation, "the sandbox", "AWS", ours, theirs)...)
		for _, path := range slices.Sorted(maps.Keys(theirs)) {
			if ours[path] != "" && ours[path] != theirs[path] {
				all = append(all, fmt.Sprintf("%s: %s is of type %s in AWS, %s in the sandbox", operation, path, theirs[path], ours[path]))
			}
		}
	}
	return all
}

func lacking(operation, one, other string, has, lacks map[string]string) []string {
	var all []string
	for _, path := range slices.Sorted(maps.Keys(has)) {
		parent := strings.TrimSuffix(path, "[]")
		if i := strings.LastIndex(parent, "."); parent == path && i >= 0 {
			parent = parent[:i]
		}
		if lacks[path] == "" && lacks[parent] == "object" {
			all = append(all, fmt.Sprintf("%s: %s is in an answer of %s, and in none of %s", operation, path, one, other))
		}
	}
	return all
}
