package account_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

// filled is a value of the type with something in every field, each another than with another n.
func filled(v reflect.Value, n int64) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i), n)
		}
	case reflect.String:
		v.SetString("text" + string(rune('0'+n)))
	case reflect.Int, reflect.Int64:
		v.SetInt(n)
	case reflect.Float64:
		v.SetFloat(float64(n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		filled(v.Index(0), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		element := reflect.New(v.Type().Elem()).Elem()
		filled(element, n)
		v.SetMapIndex(reflect.ValueOf("unit"), element)
	}
}

func settings(n int64) (s account.Settings) {
	filled(reflect.ValueOf(&s).Elem(), n)
	return s
}

// No setting is forgotten on the way from the defaults, the table, the file and the command.
func TestSettingsFillEachOther(t *testing.T) {
	t.Parallel()
	mine, theirs := settings(1), settings(2)
	if diff := cmp.Diff(theirs, account.Settings{}.Or(theirs)); diff != "" {
		t.Errorf("nothing or theirs, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(mine, mine.Or(theirs)); diff != "" {
		t.Errorf("mine or theirs, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(mine, mine.Or(account.Settings{})); diff != "" {
		t.Errorf("mine or nothing, -want +got:\n%s", diff)
	}
	// An empty list is a word, too: no roles are inspected, no unit is excluded.
	none := account.Settings{Policy: account.Policy{ExcludedOrganizationalUnits: []string{}}}
	if got := none.Or(theirs).Policy.ExcludedOrganizationalUnits; len(got) != 0 {
		t.Errorf("an empty list is filled with %v", got)
	}
}

func TestDefaultSettings(t *testing.T) {
	t.Parallel()
	s := account.DefaultSettings()
	for name, d := range map[string]account.Duration{
		"deadline": s.Deadline, "pollInterval": s.PollInterval, "lease": s.Lease, "orderGrace": s.OrderGrace, "resultsInterval": s.ResultsInterval,
	} {
		if d <= 0 {
			t.Errorf("%s is %v", name, d.Std())
		}
	}
	if s.Concurrency != 1 || s.IdentityCenter.CallsPerSecond <= 0 || s.IdentityCenter.Outstanding <= 0 || len(s.Enrollment.InspectRoles) == 0 {
		t.Errorf("the defaults are %+v", s)
	}
	if s.OrderGrace.Std() < 5*time.Minute {
		t.Errorf("an order without an answer is waited for %v, less than AWS takes a signature for", s.OrderGrace.Std())
	}
	if _, err := account.ParseWindow(s.Window); err != nil {
		t.Error(err)
	}
}

func TestSettingsAsJSON(t *testing.T) {
	t.Parallel()
	want := settings(3)
	want.Deadline = account.Duration(90*time.Minute + 250*time.Millisecond)
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got account.Settings
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if text, err := json.Marshal(account.Settings{}); err != nil || string(text) != "{}" {
		t.Errorf("nothing is written as %s, %v", text, err)
	}
	for _, bad := range []string{`{"deadline":"soon"}`, `{"deadline":90}`, `{"deadline":"90"}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is understood", bad)
		}
	}
}
