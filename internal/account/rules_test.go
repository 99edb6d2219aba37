package account_test

import (
	"strings"
	"testing"

	"github.com/vend-cli/vend/internal/account"
)

// rule is one value and what is said of it; an empty want is a value without a flaw.
type rule struct {
	check      func(string) []account.Flaw
	value      string
	want       string // in the message
	suggestion string // in the suggestion
	warning    bool
}

func TestAWSRules(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef"
	for name, tt := range map[string]rule{
		"an ordinary address is fine":            {check: account.CheckAccountEmail, value: "aws+payments-dev@example.com"},
		"six characters are enough":              {check: account.CheckAccountEmail, value: "a@b.co"},
		"five characters are not":                {check: account.CheckAccountEmail, value: "a@b.c", want: "has 5 characters"},
		"64 characters are fine":                 {check: account.CheckAccountEmail, value: strings.Repeat("a", 52) + "@example.com"},
		"65 characters are not":                  {check: account.CheckAccountEmail, value: strings.Repeat("a", 53) + "@example.com", want: "has 65 characters"},
		"a Cyrillic letter is named":             {check: account.CheckAccountEmail, value: "аdmin@example.com", want: `U+0430 CYRILLIC SMALL LETTER A, which looks like "a"`, suggestion: `"admin@example.com"`},
		"a full-width at is named":               {check: account.CheckAccountEmail, value: "admin＠example.com", want: `U+FF20 FULLWIDTH COMMERCIAL AT, which looks like "@"`, suggestion: `"admin@example.com"`},
		"a zero-width space is named":            {check: account.CheckAccountEmail, value: "admin\u200b@example.com", want: "U+200B ZERO WIDTH SPACE, which can't be seen", suggestion: `"admin@example.com"`},
		"a no-break space is named":              {check: account.CheckAccountEmail, value: "ad\u00a0min@example.com", want: "U+00A0 NO-BREAK SPACE"},
		"an umlaut is refused without a guess":   {check: account.CheckAccountEmail, value: "müller@example.com", want: "U+00FC LATIN SMALL LETTER U WITH DIAERESIS; AWS takes printable ASCII"},
		"a NUL is named":                         {check: account.CheckAccountEmail, value: "a\x00b@example.com", want: "U+0000 NUL"},
		"capitals are a warning":                 {check: account.CheckAccountEmail, value: "Admin@Example.com", want: "capital letters", suggestion: `"admin@example.com"`, warning: true},
		"no at":                                  {check: account.CheckAccountEmail, value: "admin.example.com", want: "has no @"},
		"two ats":                                {check: account.CheckAccountEmail, value: "admin@@example.com", want: "more than one @"},
		"two addresses":                          {check: account.CheckAccountEmail, value: "a@example.com;b@example.com", want: "more than one address"},
		"nothing before the at":                  {check: account.CheckAccountEmail, value: "@example.com", want: "nothing before the @"},
		"nothing behind the at":                  {check: account.CheckAccountEmail, value: "admin@", want: "nothing behind the @"},
		"a leading dot":                          {check: account.CheckAccountEmail, value: ".admin@example.com", want: "begins with a dot"},
		"a blank":                                {check: account.CheckAccountEmail, value: "ad min@example.com", want: "U+0020 SPACE"},
		"an ampersand":                           {check: account.CheckAccountEmail, value: "a&b@example.com", want: `"&" before the @`},
		"an apostrophe":                          {check: account.CheckAccountEmail, value: "o'brien@example.com", want: `"'" before the @`},
		"a name around the address":              {check: account.CheckAccountEmail, value: "Dana <dana@example.com>", want: "with a name around it", suggestion: `"dana@example.com"`},
		"a domain without a dot":                 {check: account.CheckAccountEmail, value: "admin@localhost", want: "no dot in its domain"},
		"a domain that ends with a dot":          {check: account.CheckAccountEmail, value: "admin@example.com.", want: "begins or ends with"},
		"a domain that begins with a hyphen":     {check: account.CheckAccountEmail, value: "admin@-example.com", want: "begins or ends with"},
		"an underscore in the domain":            {check: account.CheckAccountEmail, value: "admin@ex_ample.com", want: `"_" in its domain`},
		"an empty label in the domain":           {check: account.CheckAccountEmail, value: "admin@example..com", want: "two dots in a row"},
		"a user's address may be longer":         {check: account.CheckUserEmail, value: strings.Repeat("a", 60) + "@example.com"},
		"a user's address has a bound too":       {check: account.CheckUserEmail, value: strings.Repeat("a", 120) + "@example.com", want: "has 132 characters"},
		"a user's address may have capitals":     {check: account.CheckUserEmail, value: "Dana@example.com"},
		"a name of 50 characters":                {check: account.CheckName, value: strings.Repeat("n", 50)},
		"a name of 51 characters":                {check: account.CheckName, value: strings.Repeat("n", 51), want: "has 51 characters"},
		"a name with an umlaut":                  {check: account.CheckName, value: "Zürich", want: "U+00FC", suggestion: `"Zurich"`},
		"a name with a typographic quote":        {check: account.CheckName, value: "Dana’s sandbox", want: "U+2019 RIGHT SINGLE QUOTATION MARK", suggestion: `"Dana's sandbox"`},
		"a name with a line end":                 {check: account.CheckName, value: "two\nlines", want: "U+000A LINE FEED"},
		"a name in Chinese has no counterpart":   {check: account.CheckName, value: "支付", want: "U+652F"},
		"twelve digits":                          {check: account.CheckAccountID, value: "012345678901"},
		"a rounded account id":                   {check: account.CheckAccountID, value: "1.23457E+11", want: "rounded"},
		"an account id as a decimal number":      {check: account.CheckAccountID, value: "123456789012.0", want: "something between", suggestion: `"123456789012"`},
		"an account id with commas":              {check: account.CheckAccountID, value: "123,456,789,012", want: "something between", suggestion: `"123456789012"`},
		"nothing like an account id":             {check: account.CheckAccountID, value: "NaN", want: "is no account id", suggestion: "leave it empty"},
		"full-width digits of an account id":     {check: account.CheckAccountID, value: "１２３４５６７８９０１２", want: "is no account id"},
		"typographic quotes around a name":       {check: account.CheckName, value: "“dev”", want: "U+201C", suggestion: `write "dev"`},
		"a rounded account id, German":           {check: account.CheckAccountID, value: "1,23457E+11", want: "rounded"},
		"a lost leading zero":                    {check: account.CheckAccountID, value: "12345678901", want: "leading zeros", suggestion: `"012345678901"`},
		"thirteen digits":                        {check: account.CheckAccountID, value: "1234567890123", want: "has 13 digits"},
		"an id as the console shows it":          {check: account.CheckAccountID, value: "1234-5678-9012", want: "between or around", suggestion: `"123456789012"`},
		"an id in a formula":                     {check: account.CheckAccountID, value: `="012345678901"`, want: "between or around", suggestion: `"012345678901"`},
		"digits of another script":               {check: account.CheckAccountID, value: "１２３４５６７８９０１２", want: "no account id"},
		"a word as id":                           {check: account.CheckAccountID, value: "pending", want: "no account id"},
		"a person's name in any script":          {check: account.CheckPersonName, value: "Žofie O’Brien-李"},
		"a person's name with a line end":        {check: account.CheckPersonName, value: "Dana\nRoot", want: "U+000A LINE FEED"},
		"a person's name that turns the text":    {check: account.CheckPersonName, value: "Dana\u202e", want: "U+202E RIGHT-TO-LEFT OVERRIDE"},
		"a person's name without an end":         {check: account.CheckPersonName, value: strings.Repeat("é", 129), want: "has 129 characters"},
		"a path":                                 {check: account.CheckUnit, value: "Workloads/Prod"},
		"a unit's id":                            {check: account.CheckUnit, value: "ou-ab12-1a2b3c4d"},
		"a unit's name and id":                   {check: account.CheckUnit, value: "Prod (EU) (ou-ab12-1a2b3c4d)"},
		"a name with brackets":                   {check: account.CheckUnit, value: "Prod (EU)"},
		"a unit's id that is too short":          {check: account.CheckUnit, value: "ou-ab12-1a2b", want: "that no organizational unit can have"},
		"a unit's id in brackets, in capitals":   {check: account.CheckUnit, value: "Prod (ou-AB12-1a2b3c4d)", want: "that no organizational unit can have"},
		"the root's id":                          {check: account.CheckUnit, value: "r-ab12", want: "is the root"},
		"one letter less than a root's id has":   {check: account.CheckUnit, value: "r-ab1"},
		"more letters than a root's id has":      {check: account.CheckUnit, value: "r-" + strings.Repeat("a", 33)},
		"the longest id of a unit":               {check: account.CheckUnit, value: "Prod (ou-" + strings.Repeat("a", 32) + "-" + strings.Repeat("9", 32) + ")"},
		"a unit's id that is too long":           {check: account.CheckUnit, value: "Prod (ou-ab12-" + strings.Repeat("9", 33) + ")", want: "that no organizational unit can have"},
		"a unit's id of three parts":             {check: account.CheckUnit, value: "Prod (ou-ab12-1a2b3c4d-5e6f)", want: "that no organizational unit can have"},
		"the root's name":                        {check: account.CheckUnit, value: "Root", want: "is the root"},
		"an empty step":                          {check: account.CheckUnit, value: "Workloads//Prod", want: "empty step"},
		"a permission set's name":                {check: account.CheckPermissionSet, value: "AWSReadOnlyAccess"},
		"a permission set's name with all signs": {check: account.CheckPermissionSet, value: "Az09_+=,.@-"},
		"a permission set's name of 33":          {check: account.CheckPermissionSet, value: strings.Repeat("p", 33), want: "has 33 characters"},
		"a permission set's name with a blank":   {check: account.CheckPermissionSet, value: "Read Only", want: "no name of a permission set"},
		"a permission set's ARN":                 {check: account.CheckPermissionSet, value: arn},
		"a permission set's ARN, GovCloud":       {check: account.CheckPermissionSet, value: strings.Replace(arn, "aws:", "aws-us-gov:", 1)},
		"a role's ARN":                           {check: account.CheckPermissionSet, value: "arn:aws:iam::aws:policy/ReadOnlyAccess", want: "not the ARN of a permission set"},
		"a group's id":                           {check: account.CheckPrincipalID, value: "1234567890-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"},
		"a group's id without the store's":       {check: account.CheckPrincipalID, value: "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"},
		"a group's id that is none":              {check: account.CheckPrincipalID, value: "Platform Team", want: "no id of a group or user"},
		"an address that is not UTF-8":           {check: account.CheckAccountEmail, value: "m\xfcller@example.com", want: "not valid UTF-8"},
		"a tag":                                  {check: tags, value: "CostCenter=1234; Owner="},
		"a tag of AWS":                           {check: tags, value: "AWS:owner=me", want: "keeps the prefix aws:"},
		"a tag twice":                            {check: tags, value: "a=1; a=2", want: `the key "a" twice`},
		"a tag without a key":                    {check: tags, value: "=1", want: "without a key"},
		"a tag's key of 129":                     {check: tags, value: strings.Repeat("k", 129) + "=v", want: "key of 129"},
		"a tag's value of 257":                   {check: tags, value: "k=" + strings.Repeat("v", 257), want: "value of 257"},
		"51 tags":                                {check: tags, value: manyTags(51), want: "holds 51 tags"},
		"a hash in a tag is a warning":           {check: tags, value: "Ticket=#12", want: `"#"`, warning: true},
		"tags in any script, equal signs behind": {check: tags, value: "Größe=a=b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flaws := tt.check(tt.value)
			if tt.want == "" {
				if len(flaws) != 0 {
					t.Fatalf("%q: %+v, want no flaw", tt.value, flaws)
				}
				return
			}
			if len(flaws) != 1 {
				t.Fatalf("%q: %+v, want one flaw", tt.value, flaws)
			}
			f := flaws[0]
			if !strings.Contains(f.Message, tt.want) || !strings.Contains(f.Suggestion, tt.suggestion) || f.Warning != tt.warning {
				t.Errorf("%q: %+v, want message %q, suggestion %q, warning %t", tt.value, f, tt.want, tt.suggestion, tt.warning)
			}
		})
	}
}

func tags(text string) []account.Flaw {
	parsed, err := account.ParseTags(text)
	if err != nil {
		return []account.Flaw{{Message: err.Error()}}
	}
	return account.CheckTags(parsed)
}

func manyTags(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("k", i+1) + "=v;")
	}
	return b.String()
}

func TestEveryCodeIsExplainedOnce(t *testing.T) {
	t.Parallel()
	last := ""
	for _, e := range account.Codes {
		if e.Code <= last {
			t.Errorf("%s stands behind %s", e.Code, last)
		}
		last = e.Code
		if e.Title == "" || e.Cause == "" || e.Remedy == "" {
			t.Errorf("%s lacks words: %+v", e.Code, e)
		}
		if got, ok := account.Explain(e.Code); !ok || got != e {
			t.Errorf("Explain(%s) = %+v, %t", e.Code, got, ok)
		}
	}
	if _, ok := account.Explain("V1999"); ok {
		t.Error("V1999 is explained")
	}
}
