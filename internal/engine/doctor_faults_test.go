package engine_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/doctor"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/engine/enginetest"
	"github.com/vend-cli/vend/internal/sandbox"
)

// ills are what can befall a call for as long as somebody looks.
var ills = map[string]func(r sandbox.Request) sandbox.Verdict{
	"denied": func(sandbox.Request) sandbox.Verdict {
		return sandbox.Verdict{Code: "AccessDeniedException", Message: "not allowed", Status: 400}
	},
	"throttled": func(sandbox.Request) sandbox.Verdict {
		return sandbox.Verdict{Code: "ThrottlingException", Message: "Rate exceeded", Status: 400}
	},
	"never answered": func(r sandbox.Request) sandbox.Verdict {
		<-r.HTTP.Context().Done()
		return sandbox.Verdict{Code: "InternalFailure", Status: 500}
	},
}

// lookedAt is what a look at a zone calls, by operation.
func lookedAt(t *testing.T, look func(t *testing.T, z *enginetest.Zone)) []string {
	t.Helper()
	called := map[string]bool{}
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{})
		z.Sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			called[r.Operation] = true
			return sandbox.Verdict{}
		})
		look(t, z)
	})
	return slices.Sorted(maps.Keys(called))
}

// illness looks at a zone while one of its operations is ill.
func illness(t *testing.T, operation string, ill func(sandbox.Request) sandbox.Verdict, look func(t *testing.T, z *enginetest.Zone)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		z := enginetest.New(t, enginetest.Options{})
		z.Sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			if r.Operation == operation && !r.Done {
				return ill(r)
			}
			return sandbox.Verdict{}
		})
		began := time.Now()
		look(t, z)
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

func examined(t *testing.T, z *enginetest.Zone) map[string]doctor.Check {
	t.Helper()
	checks := map[string]doctor.Check{}
	c := z.Config
	c.Settings.Enrollment.User.Email = "developer@example.com"
	err := engine.Examine(t.Context(), c, engine.Options{AWS: z.AWS(nil)}, func(c doctor.Check) { checks[c.Name] = c })
	if err != nil {
		t.Errorf("the examination: %v", err)
	}
	return checks
}

// Whatever call of the doctor fails, however it fails, the check that needs it says so, with a remedy, and all others are
// made.
func TestTheDoctorOutlivesEveryCall(t *testing.T) {
	t.Parallel()
	healthy := map[string]doctor.Check{}
	operations := lookedAt(t, func(t *testing.T, z *enginetest.Zone) { healthy = examined(t, z) })
	if len(operations) < 12 {
		t.Fatalf("only %q are called", operations)
	}
	for _, operation := range operations {
		for name, ill := range ills {
			t.Run(operation+" "+name, func(t *testing.T) {
				t.Parallel()
				illness(t, operation, ill, func(t *testing.T, z *enginetest.Zone) {
					checks := examined(t, z)
					unwell := 0
					for name, c := range checks {
						if c.Result == doctor.Pass {
							continue
						}
						if healthy[name].Result == doctor.Pass {
							unwell++
						}
						if c.Message == "" || c.Remedy == "" {
							t.Errorf("%+v: want a message and a remedy", c)
						}
						if _, known := account.Explain(c.Code); c.Code != "" && !known {
							t.Errorf("nobody explains %s", c.Code)
						}
					}
					if unwell == 0 {
						t.Errorf("everything is well: %+v", checks)
					}
					want := healthy
					if operation == "sts.GetCallerIdentity" { // there is nobody to look
						want = map[string]doctor.Check{"credentials": {}}
					}
					for name := range want {
						if _, made := checks[name]; !made {
							t.Errorf("the check of the %s is missing", name)
						}
					}
				})
			})
		}
	}
}

// Whatever call fails while a pipeline is looked for, the file says what could not be looked at, or that it was not found.
func TestInitOutlivesEveryCall(t *testing.T) {
	t.Parallel()
	discovered := func(t *testing.T, z *enginetest.Zone) (config.Config, string, error) {
		t.Helper()
		found, notes, err := engine.Discover(t.Context(), config.Config{Region: enginetest.Region}, engine.Options{AWS: z.AWS(nil)})
		return found, strings.Join(notes, "\n"), err
	}
	var whole config.Config
	operations := lookedAt(t, func(t *testing.T, z *enginetest.Zone) {
		var err error
		if whole, _, err = discovered(t, z); err != nil || whole.Table == "" || whole.Bucket == "" || whole.QueueURL == "" || whole.TopicARN == "" {
			t.Fatalf("found %+v, %v", whole, err)
		}
	})
	for _, operation := range operations {
		for name, ill := range ills {
			t.Run(operation+" "+name, func(t *testing.T) {
				t.Parallel()
				illness(t, operation, ill, func(t *testing.T, z *enginetest.Zone) {
					found, notes, err := discovered(t, z)
					if operation == "sts.GetCallerIdentity" {
						var wait account.Wait
						if err == nil || errors.As(err, &wait) != (name == "throttled") {
							t.Errorf("without anybody: %v", err)
						}
						return
					}
					if err != nil {
						t.Errorf("it ends with %v", err)
					}
					if !strings.Contains(notes, "could not be") {
						t.Errorf("nothing is said of it:\n%s", notes)
					}
					same := fmt.Sprint(found.Table, found.Bucket, found.QueueURL, found.TopicARN) == fmt.Sprint(whole.Table, whole.Bucket, whole.QueueURL, whole.TopicARN)
					service, _, _ := strings.Cut(operation, ".")
					if aside := slices.Contains([]string{"organizations", "controltower"}, service); aside && !same {
						t.Errorf("the pipeline was not found: %+v", found)
					}
				})
			})
		}
	}
}
