package servicecatalog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog"
	"github.com/aws/aws-sdk-go-v2/service/servicecatalog/types"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

func TestARepeatedTokenReturnsItsRecord(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for assumption, want := range map[string]string{"": "SUCCEEDED", "repeated-token-first-answer": "CREATED"} {
			b := start(t, notEmpty(assumption)...)
			id := b.provision("x", "x@example.com", dev)
			time.Sleep(time.Hour)
			again := must(b.catalog.ProvisionProduct(t.Context(), b.input("x", "x@example.com", dev)))(t).RecordDetail
			if *again.RecordId != id || string(again.Status) != want {
				t.Errorf("got %s %s, want %s %s", *again.RecordId, again.Status, id, want)
			}
		}
	})
}

func TestHowLongATokenIsRemembered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for assumption, remembered := range map[string]bool{"": true, "token-remembered": false} {
			b := start(t, notEmpty(assumption)...)
			id := b.provision("x", "x@example.com", "Nowhere")
			time.Sleep(time.Hour)
			b.terminate("x")
			time.Sleep(time.Hour)
			again := b.provision("x", "x@example.com", "Nowhere")
			if (again == id) != remembered {
				t.Errorf("%q: the record was %s and is %s", assumption, id, again)
			}
		}
	})
}

func TestTheRemainsOfAFailedOrderAreInTheWay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for assumption, want := range map[string]string{
			"": "FAILED InternalFailure: AWS Control Tower cannot create the IAM role aws-controltower-AdministratorExecutionRole because " +
				"the role already exists. To continue, delete the existing IAM role and try again.",
			"enroll-over-leftover": "SUCCEEDED",
		} {
			b := start(t, notEmpty(assumption)...)
			b.world.Do(func() { b.world.FailRecord(world.RecordFault{Code: "Boom", Account: "created"}) })
			b.provision("first", "x@example.com", dev)
			time.Sleep(time.Hour)
			second := b.provision("second", "x@example.com", dev)
			time.Sleep(time.Hour)
			if got := b.end(second); got != want {
				t.Errorf("%q: got  %s\nwant %s", assumption, got, want)
			}
		}
	})
}

func TestAnAccountThatAProductHoldsIsInUse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for assumption, want := range map[string]string{"": "FAILED InvalidParametersException", "enroll-enrolled": "SUCCEEDED"} {
			b := start(t, notEmpty(assumption)...)
			b.provision("first", "x@example.com", dev)
			time.Sleep(time.Hour)
			second := b.provision("second", "X@example.com", dev)
			time.Sleep(time.Hour)
			if got := b.end(second); !strings.HasPrefix(got, want) {
				t.Errorf("%q: got %s, want %s", assumption, got, want)
			}
		}
	})
}

func TestARunningOrderIsTerminatedWhereThatIsAllowed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t)
		b.provision("x", "x@example.com", dev)
		_, err := b.catalog.TerminateProvisionedProduct(t.Context(), &servicecatalog.TerminateProvisionedProductInput{
			ProvisionedProductName: aws.String("x"), TerminateToken: aws.String("end"),
		})
		if !strings.HasPrefix(code(err), "InvalidParametersException") {
			t.Errorf("got %v", err)
		}
		b = start(t, "terminate-under-change")
		first := b.provision("x", "x@example.com", dev)
		time.Sleep(10 * time.Minute)
		second := b.terminate("x")
		time.Sleep(time.Hour)
		if got := b.end(first) + ", " + b.end(second); got != "FAILED InternalFailure: The provisioned product is being terminated., SUCCEEDED" {
			t.Errorf("got %s", got)
		}
	})
}

func TestARecordMayLingerInError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t, "failing-record-in-error")
		id := b.provision("x", "x@example.com", "Nowhere")
		time.Sleep(time.Minute)
		if got := b.record(id).RecordDetail.Status; got != types.RecordStatusInProgressInError {
			t.Errorf("after a minute the record is %s", got)
		}
		time.Sleep(time.Hour)
		if got := b.record(id).RecordDetail.Status; got != types.RecordStatusFailed {
			t.Errorf("after an hour the record is %s", got)
		}
	})
}

func TestPatternsOfTheTemplateMayShowLate(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := start(t, "template-rules-asynchronous")
		id := b.provision("x", "nobody", dev)
		time.Sleep(time.Hour)
		if got := b.end(id); !strings.HasPrefix(got, "FAILED InvalidParametersException: Parameter 'AccountEmail' must match pattern") {
			t.Errorf("got %s", got)
		}
	})
}

func TestWhetherAFailedProductHasItsAccountsID(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for assumption, want := range map[string]bool{"": true, "failed-product-physical-id": false} {
			b := start(t, notEmpty(assumption)...)
			b.world.Do(func() { b.world.FailRecord(world.RecordFault{Code: "Boom", Account: "created"}) })
			b.provision("x", "x@example.com", dev)
			time.Sleep(time.Hour)
			out := must(b.catalog.SearchProvisionedProducts(t.Context(), &servicecatalog.SearchProvisionedProductsInput{
				Filters: map[string][]string{"SearchQuery": {"name:x"}},
			}))(t)
			if got := out.ProvisionedProducts[0].PhysicalId != nil; got != want {
				t.Errorf("%q: PhysicalId is there: %v, want %v", assumption, got, want)
			}
		}
	})
}

func TestAnAccessUserMayBeLeftOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for assumption, want := range map[string]string{
			"": "InvalidParametersException: Parameters: [SSOUserEmail, SSOUserFirstName, SSOUserLastName] must have values", "access-user-required": "",
		} {
			b := start(t, notEmpty(assumption)...)
			in := b.input("x", "x@example.com", dev)
			in.ProvisioningParameters = in.ProvisioningParameters[:3]
			before := len(b.world.IdentityCenter.Assignments)
			out, err := b.catalog.ProvisionProduct(t.Context(), in)
			if got := code(err); got != want {
				t.Errorf("%q: got %s, want %s", assumption, got, want)
			}
			if err != nil {
				continue
			}
			time.Sleep(time.Hour)
			if got := b.end(*out.RecordDetail.RecordId); got != "SUCCEEDED" || len(b.world.IdentityCenter.Assignments) != before {
				t.Errorf("%q: got %s, and %d assignments more", assumption, got, len(b.world.IdentityCenter.Assignments)-before)
			}
		}
	})
}
