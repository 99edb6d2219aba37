package events_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/samples"
)

const event = `{"version":"0","id":"1","detail-type":"T","source":"aws.s3","account":"1","time":"t","region":"us-east-1","resources":["a","b"],
 "detail":{"text":"Hello.csv","n":3.0e2,"null":null,"yes":true,"empty":"","list":[1,2],"ip":"10.0.0.7","deep":{"x":"1"},"objects":[{"a":1,"b":2},{"a":3,"b":4}]}}`

func TestPatterns(t *testing.T) {
	t.Parallel()
	c := start(t)
	for name, test := range map[string]struct {
		detail string // of the pattern
		want   bool
	}{
		"exact":                                   {`{"text":["no","Hello.csv"]}`, true},
		"exact, in another case":                  {`{"text":["hello.csv"]}`, false},
		"a number, written in another way":        {`{"n":[300]}`, false},
		"a number, as it is written":              {`{"n":[3.0e2]}`, true},
		"a number is no text":                     {`{"n":["300"]}`, false},
		"null":                                    {`{"null":[null]}`, true},
		"true":                                    {`{"yes":[true]}`, true},
		"the empty text":                          {`{"empty":[""]}`, true},
		"an item of an array":                     {`{"list":[7,2]}`, true},
		"all fields must match":                   {`{"text":["Hello.csv"],"n":[1]}`, false},
		"a nested field":                          {`{"deep":{"x":["1"]}}`, true},
		"an absent field":                         {`{"none":["x"]}`, false},
		"prefix":                                  {`{"text":[{"prefix":"Hel"}]}`, true},
		"prefix, in another case":                 {`{"text":[{"prefix":"hel"}]}`, false},
		"prefix, whatever the case":               {`{"text":[{"prefix":{"equals-ignore-case":"hel"}}]}`, true},
		"suffix":                                  {`{"text":[{"suffix":".csv"}]}`, true},
		"suffix, whatever the case":               {`{"text":[{"suffix":{"equals-ignore-case":".CSV"}}]}`, true},
		"equals-ignore-case":                      {`{"text":[{"equals-ignore-case":"HELLO.csv"}]}`, true},
		"anything but a value":                    {`{"text":[{"anything-but":"x"}]}`, true},
		"anything but this value":                 {`{"text":[{"anything-but":"Hello.csv"}]}`, false},
		"anything but a list":                     {`{"n":[{"anything-but":[1,3.0e2]}]}`, false},
		"anything but a prefix":                   {`{"text":[{"anything-but":{"prefix":"Hel"}}]}`, false},
		"anything but another prefix":             {`{"text":[{"anything-but":{"prefix":"X"}}]}`, true},
		"anything but prefixes":                   {`{"text":[{"anything-but":{"prefix":["X","He"]}}]}`, false},
		"anything but a suffix":                   {`{"text":[{"anything-but":{"suffix":".txt"}}]}`, true},
		"anything but a wildcard":                 {`{"text":[{"anything-but":{"wildcard":"*.csv"}}]}`, false},
		"anything but, of an absent field":        {`{"none":[{"anything-but":"x"}]}`, false},
		"numeric, equal":                          {`{"n":[{"numeric":["=",300]}]}`, true},
		"numeric, within a range":                 {`{"n":[{"numeric":[">",0,"<=",300]}]}`, true},
		"numeric, out of a range":                 {`{"n":[{"numeric":[">",0,"<",300]}]}`, false},
		"numeric, of a text":                      {`{"text":[{"numeric":[">=",0]}]}`, false},
		"exists":                                  {`{"null":[{"exists":true}]}`, true},
		"exists not":                              {`{"none":[{"exists":false}]}`, true},
		"exists not, but it does":                 {`{"text":[{"exists":false}]}`, false},
		"exists looks at leaves only":             {`{"deep":[{"exists":true}]}`, false},
		"exists not, below an absent field":       {`{"none":{"x":[{"exists":false}]}}`, true},
		"wildcard":                                {`{"text":[{"wildcard":"H*o.c*v"}]}`, true},
		"wildcard, all of it":                     {`{"text":[{"wildcard":"*"}]}`, true},
		"wildcard that needs the same text twice": {`{"text":[{"wildcard":"Hello*lo.csv"}]}`, false},
		"wildcard, a star that is escaped":        {`{"text":[{"wildcard":"Hello\\*"}]}`, false},
		"cidr":                                    {`{"ip":[{"cidr":"10.0.0.0/24"}]}`, true},
		"cidr of another network":                 {`{"ip":[{"cidr":"10.0.1.0/24"}]}`, false},
		"one of two":                              {`{"$or":[{"n":[1]},{"text":[{"prefix":"H"}]}]}`, true},
		"neither of two":                          {`{"$or":[{"n":[1]},{"text":["x"]}]}`, false},
		"one of two, and a third":                 {`{"yes":[false],"$or":[{"n":[3.0e2]},{"text":["x"]}]}`, false},
		"one object of an array":                  {`{"objects":{"a":[3],"b":[4]}}`, true},
		"no object of an array as a whole":        {`{"objects":{"a":[1],"b":[4]}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.TestEventPattern(t.Context(), &eventbridge.TestEventPatternInput{
				EventPattern: aws.String(`{"source":["aws.s3"],"resources":["b"],"detail":` + test.detail + `}`), Event: aws.String(event),
			})
			if err != nil || got.Result != test.want {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestNumbersMayBeComparedByValue(t *testing.T) {
	t.Parallel()
	world := strings.Replace(string(samples.LandingZone), `"assumptions": {}`, `"assumptions": {"event-numbers-by-value": true}`, 1)
	c := startWith(t, sandbox.Options{World: []byte(world)})
	for pattern, want := range map[string]bool{
		`{"n":[300]}`: true, `{"n":[300.0]}`: true, `{"n":[3.0e2]}`: true, `{"n":[301]}`: false, `{"n":["300"]}`: false, `{"list":[2.0]}`: true,
		`{"n":[{"anything-but":[300]}]}`: false, `{"n":[{"numeric":["=",300]}]}`: true,
	} {
		got, err := c.TestEventPattern(t.Context(), &eventbridge.TestEventPatternInput{
			EventPattern: aws.String(`{"detail":` + pattern + `}`), Event: aws.String(event),
		})
		if err != nil || got.Result != want {
			t.Errorf("%s: %v, %v", pattern, got, err)
		}
	}
}

func TestPatternsThatAreNone(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, pattern := range []string{
		``, `x`, `[]`, `null`, `{}`, `{"source":"x"}`, `{"source":[]}`, `{"source":[["x"]]}`, `{"source":[{}]}`, `{"detail":{}}`,
		`{"source":[{"prefix":1}]}`, `{"source":[{"prefix":"a","suffix":"b"}]}`, `{"source":[{"like":"x"}]}`,
		`{"source":[{"exists":"yes"}]}`, `{"source":[{"numeric":["~",1]}]}`, `{"source":[{"numeric":[">","1"]}]}`, `{"source":[{"numeric":[]}]}`,
		`{"source":[{"anything-but":[]}]}`, `{"source":[{"anything-but":null}]}`, `{"source":[{"anything-but":{"exists":true}}]}`,
		`{"source":[{"wildcard":"a**b"}]}`, `{"source":[{"wildcard":"a\\b"}]}`, `{"source":[{"cidr":"10.0.0.0"}]}`,
		`{"$or":[{"source":["x"]}]}`, `{"$or":["x","y"]}`, `{"source":["x"]} {}`,
	} {
		_, err := c.TestEventPattern(t.Context(), &eventbridge.TestEventPatternInput{EventPattern: &pattern, Event: aws.String(event)})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "InvalidEventPatternException" {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
