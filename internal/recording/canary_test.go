package recording_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/recording"
	"github.com/vend-cli/vend/samples"
)

type answering func(*http.Request) (*http.Response, error)

func (f answering) Do(r *http.Request) (*http.Response, error) { return f(r) }

// exchange is one request and its answer as they go over the wire.
type exchange struct {
	service, path, kind, asked string
	status                     int
	answered                   string
}

func record(t *testing.T, all ...exchange) string {
	t.Helper()
	var out bytes.Buffer
	r := recording.New(&out, time.Now)
	for _, e := range all {
		client := r.Around(answering(func(*http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: e.status, Body: io.NopCloser(strings.NewReader(e.answered)), ContentLength: int64(len(e.answered)),
				Header: http.Header{
					"Content-Type": {e.kind}, "X-Amzn-Requestid": {"canary-id"}, "Etag": {"canary-etag"}, "X-Amz-Meta-Canary": {"canary"},
					"X-Amzn-Errortype": {"canary with a space"}, "Location": {"https://canary.example.com"},
				},
			}, nil
		}))
		request, err := http.NewRequest(http.MethodPost, "https://canary.example.com"+e.path, strings.NewReader(e.asked))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=CANARYKEY/20260101/us-canary-1/"+e.service+"/aws4_request, SignedHeaders=host, Signature=canary")
		request.Header.Set("X-Amz-Security-Token", "canary-token")
		request.Header.Set("User-Agent", "canary")
		request.Header.Set("Content-Type", e.kind)
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		if err != nil || string(got) != e.answered {
			t.Errorf("the caller gets %q, %v; want %q", got, err, e.answered)
		}
		_ = answer.Body.Close()
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestNothingLeaks puts canaries wherever a name, an address, an id or a secret can stand.
func TestNothingLeaks(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	const js, form, xml = "application/x-amz-json-1.1", "application/x-www-form-urlencoded", "text/xml"
	everywhere := func(canary string) string {
		var names []string
		for _, name := range []string{
			"Name", "Status", "State", "Type", "Code", "Reason", "Version", "Key", "Value", "ParameterKey", "message", "Message",
			"Description", "StatusMessage", "FailureReason", "SearchQuery", "Tags", "Filters", "TemplateBody", "ServicePrincipal", "MaxResults",
			"Unknown", "Policy", "AttributePath", "RegionName", "version", "statuses", "Action",
		} {
			quoted, _ := json.Marshal(canary)
			names = append(names, `"`+name+`":`+string(quoted), `"`+name+`s":[`+string(quoted)+`]`, `"in`+name+`":{"`+name+`":`+string(quoted)+`}`)
		}
		return "{" + strings.Join(names, ",") + "}"
	}
	var all []exchange
	for _, canary := range []string{
		"Canary", "canary name", "CANARY NAME", "canary@canary.example", "939393939393", "ou-cana-canarycanary", "Canary (ou-cana-canarycanary)",
		"arn:aws:sso:::permissionSet/ssoins-canary/ps-canary", "arn:aws:canary:us-canary-1:939393939393:canary/canary", "arn:aws:iam::939393939393:role/canary",
		"https://canary.example.com/canary", "name:canary", "status:canary canary", "canary.amazonaws.com.canary", "the account canary (939393939393) of canary@canary.example failed",
		"d-canarycana", "2026-01-01T00:00:00Zcanary", "{\"json\":\"canary\"}", "us-canary-1",
	} {
		body := everywhere(canary)
		all = append(
			all, exchange{"organizations", "/", js, body, 200, body}, exchange{"organizations", "/", js, body, 400, `{"__type":"CanaryException canary","message":"` + "canary of 939393939393" + `"}`},
			exchange{"cloudformation", "/", form, "Action=X&Name=" + url.QueryEscape(canary) + "&Tags.member.1.Key=" + url.QueryEscape(canary), 200, ""},
			exchange{"dynamodb", "/", js, body, 200, body}, exchange{"s3", "/canary/canary.csv", "text/csv", canary, 200, canary},
		)
	}
	all = append(
		all, exchange{"cloudformation", "/", xml, "", 400, "<ErrorResponse><Error><Code>Canary name</Code><Message>no canary in account 939393939393</Message></Error></ErrorResponse>"},
		exchange{"s3", "/canary", "application/xml", "", 404, "<Error><Code>NoSuchKey</Code><Message>The canary does not exist</Message><Key>canary</Key></Error>"},
		exchange{"sts", "/", xml, "", 200, "<A><Credentials><SecretAccessKey>canary</SecretAccessKey><SessionToken>canary</SessionToken></Credentials></A>"},
		exchange{"organizations", "/", js, `{"Tags":{"canary":"canary","Canary key":"x"},"A":{"canary key":1}}`, 200, `{"Account":939393939393}`},
		exchange{"controltower", "/canary/939393939393", js, "not JSON: canary", 200, "not JSON: canary"},
	)
	for line := range strings.Lines(record(t, all...)) {
		if found := regexp.MustCompile(`(?i).{0,40}(canary|9393).{0,20}`).FindString(line); found != "" {
			t.Errorf("leaked: …%s…", found)
		}
	}
}

func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	const js = "application/x-amz-json-1.1"
	got := record(t,
		exchange{"organizations", "/", js, `{"AccountId":"123456789012"}`, 200, `{"Account":{"Id":"123456789012","Email":"a@b.example","State":"ACTIVE","Joined":1700000000.5,"Paths":["o-x1/r-y1/ou-y1-z1/123456789012/"]}}`},
		exchange{"organizations", "/", js, `{"AccountId":"123456789012"}`, 400, `{"__type":"AccountNotFoundException","message":"The account 123456789012 does not exist."}`})
	for _, want := range []string{
		`"AccountId":"000000000002"`, `"Id":"000000000002"`, `"State":"ACTIVE"`, `"Joined":1700000000.5`, `"__type":"AccountNotFoundException"`,
		`"message":"The account … does not exist."`, `person-`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in the recording:\n%s", want, got)
		}
	}
}

// TestTheSampleNamesNobody looks for every name, address and id of the world that the sample was recorded in.
func TestTheSampleNamesNobody(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`"(?:name|email|id|userName|description)": "([^"]+)"`).FindAllSubmatch(samples.LandingZone, -1) {
		if spoken(text, string(name[1])) && !strings.HasPrefix(string(name[1]), "AWS") {
			t.Errorf("%s is in the sample", name[1])
		}
	}
	for _, cell := range strings.FieldsFunc(string(samples.Accounts), func(c rune) bool { return strings.ContainsRune(",\n;/", c) }) {
		if len(cell) > 6 && spoken(text, cell) && !strings.Contains("AccountName SSOUserEmail AccountEmail SSOUserFirstName SSOUserLastName AccountId", cell) {
			t.Errorf("%s is in the sample", cell)
		}
	}
}

// spoken says whether a text stands in another as a value, or as a part of one.
func spoken(text []byte, name string) bool {
	return regexp.MustCompile(`["/: ]` + regexp.QuoteMeta(name) + `["/ @]`).Match(text)
}

func TestARecordingNeverHindersACall(t *testing.T) {
	t.Parallel()
	r := recording.New(failing{}, time.Now)
	client := r.Around(answering(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}")), Header: http.Header{}}, nil
	}))
	request, err := http.NewRequest(http.MethodPost, "https://x.example.com/", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if r.Err() == nil {
		t.Error("nothing is told of what could not be written")
	}
	nobody := errors.New("nobody there")
	_, err = recording.New(io.Discard, time.Now).Around(answering(func(*http.Request) (*http.Response, error) { return nil, nobody })).Do(request)
	if !errors.Is(err, nobody) {
		t.Errorf("got %v, want what the client said", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// withoutRacing leaves a test to the run without the race detector.
func withoutRacing(t *testing.T) {
	t.Helper()
	if racing {
		t.Skip("reading texts races nothing; make test runs it without the race detector")
	}
}
