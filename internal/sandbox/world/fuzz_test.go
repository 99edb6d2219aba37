package world_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

// FuzzNew makes sure that a world file is refused or leads to a world whose state is a world file, too, also when everybody
// who can has left it.
func FuzzNew(f *testing.F) {
	f.Add(samples.LandingZone)
	f.Add([]byte(`{"managementAccount":{"id":"111111111111","email":"m@example.com"},"root":{"organizationalUnits":[{"name":"A"}]}}`))
	f.Add([]byte(`{"managementAccount":{"id":"111111111111","email":"m@example.com"},"accountFactory":{"products":[{"id":"pp-1","name":"x"}],
	 "records":[{"id":"rec-1","type":"PROVISION_PRODUCT","status":"IN_PROGRESS","product":"pp-1","productName":"x","step":3,
	  "parameters":{"AccountEmail":"a@example.com","AccountName":"a","ManagedOrganizationalUnit":"A","SSOUserEmail":"u@example.com",
	   "SSOUserFirstName":"U","SSOUserLastName":"U"}}]}}`))
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, file []byte) {
		w, err := world.New(file, 1, func() time.Time { return at })
		if err != nil {
			return
		}
		restorable := func() {
			var again []byte
			w.Do(func() { again, err = json.Marshal(w.State()) })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := world.New(again, 1, func() time.Time { return at }); err != nil {
				t.Errorf("the state of a world is refused: %v\n%s", err, again)
			}
		}
		w.Advance(10 * time.Minute)
		restorable()
		w.Do(func() {
			for _, a := range slices.Clone(w.Accounts()) {
				if err := w.Leave(a); (err == nil) != (w.Account(a.ID) == nil) {
					t.Errorf("account %s: %v", a.ID, err)
				}
			}
		})
		restorable()
		w.Advance(2 * time.Hour)
		restorable()
	})
}
