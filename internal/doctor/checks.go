package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

const (
	credentials = "credentials"

	// stackSets is the member-side service principal of service-managed StackSets (AWS Organizations User Guide, "AWS
	// CloudFormation StackSets and AWS Organizations").
	stackSets = "member.org.stacksets.cloudformation.amazonaws.com"

	skewNoted   = time.Minute
	skewRefused = 5 * time.Minute // AWS takes no request that was signed longer ago, or later, than this

	quotaLow = 10 // accounts left, from which on it is worth asking for more
)

func (e *examination) caller(ctx context.Context) bool {
	who, err := e.Caller(ctx)
	if err != nil {
		e.unseen(credentials, Fail, err)
		return false
	}
	e.who = who
	e.pass(credentials, "%s", who.ARN)
	return true
}

func (e *examination) management(ctx context.Context) {
	const name = "management account"
	org, err := e.Organization(ctx)
	if err != nil {
		e.unseen(name, Fail, err)
		return
	}
	e.org = org
	if org.ManagementAccountID != e.who.AccountID {
		e.fail(name, "V3010", fmt.Sprintf("the caller is in account %s, the management account is %s", e.who.AccountID, org.ManagementAccountID), "")
		return
	}
	e.pass(name, "%s", org.ManagementAccountID)
}

func (e *examination) landingZone(ctx context.Context) {
	const name = "landing zone"
	zone, there, err := e.LandingZone(ctx)
	switch {
	case err != nil:
		e.unseen(name, Fail, err)
	case !there:
		e.fail(name, "V3006", "there is no landing zone in "+e.Region, "Use the home Region of Control Tower (--region, AWS_REGION), or set up a landing zone.")
	case zone.Status == "FAILED":
		e.fail(name, "V3008", "its last update failed", "Open Control Tower, Landing zone settings, and repair or update it.")
	case zone.Drift == "DRIFTED":
		e.fail(name, "V3008", "it has drifted: Control Tower makes no accounts", "")
	case zone.Status == "PROCESSING":
		e.warn(name, "it is being changed; accounts wait until that has ended", "Nothing: workers wait by themselves.")
	case zone.Latest != "" && zone.Version != zone.Latest:
		e.warn(name, fmt.Sprintf("version %s; %s is there", zone.Version, zone.Latest), "Nothing is needed for vending; update the landing zone when it suits.")
	default:
		e.pass(name, "version %s, active, in sync, %s", zone.Version, strings.Join(zone.Regions, " "))
	}
}

func (e *examination) factory(ctx context.Context) {
	product, version, err := e.Factory(ctx)
	if err != nil {
		e.unseen("account factory", Fail, err)
		return
	}
	e.pass("account factory", "%s, active version %s", product, version)
}

func (e *examination) identityCenter(ctx context.Context) {
	instance, err := e.IdentityCenter(ctx)
	if err != nil {
		e.unseen("identity center", Fail, err)
		return
	}
	e.pass("identity center", "%s", instance)
}

func (e *examination) stackSets(context.Context) {
	const name = "stack sets"
	switch {
	case e.org.ManagementAccountID == "":
		e.warn(name, "nobody knows whether they have trusted access: Organizations could not be asked", "Mend what the check of the management account says.")
	case e.org.TrustedServices == nil:
		e.warn(name, "nobody knows whether they have trusted access: Organizations does not let this role look", "Allow organizations:ListAWSServiceAccessForOrganization; only enrollments need stack sets.")
	case !slices.Contains(e.org.TrustedServices, stackSets):
		e.warn(name, "they have no trusted access; accounts can be made, but enrollments can't plant their role",
			"Run `aws cloudformation activate-organizations-access` in the management account.")
	default:
		e.pass(name, "trusted access is active")
	}
}

func (e *examination) bucket(ctx context.Context) {
	const name = "bucket"
	if e.Ports.Bucket == nil {
		e.warn(name, "none was given", "Give it as --bucket, VEND_BUCKET, or `bucket:` in vend.yaml.")
		return
	}
	b, err := e.Ports.Bucket(ctx)
	switch {
	case err != nil:
		e.unseen(name, Fail, err)
	case !b.Versioned:
		e.fail(name, "V3003", e.Subject.Bucket+" keeps no versions: an upload that is overwritten while it is read is lost",
			"Run `aws s3api put-bucket-versioning --bucket "+e.Subject.Bucket+" --versioning-configuration Status=Enabled`.")
	case !b.Announces:
		e.warn(name, e.Subject.Bucket+" tells EventBridge of no upload: files are found by the sweep, up to 10 minutes late",
			"Run `aws s3api put-bucket-notification-configuration --bucket "+e.Subject.Bucket+" --notification-configuration '{\"EventBridgeConfiguration\":{}}'`; it replaces what stands there.")
	default:
		e.pass(name, "%s, keeps versions, tells EventBridge", e.Subject.Bucket)
	}
}

func (e *examination) table(ctx context.Context) {
	const name = "table"
	if e.Ports.Table == nil {
		e.warn(name, "none was given", "Give it as --table, VEND_TABLE, or `table:` in vend.yaml.")
		return
	}
	t, err := e.Ports.Table(ctx)
	switch {
	case err != nil:
		e.unseen(name, Fail, err)
	case !t.Fitting:
		e.fail(name, "V3004", e.Subject.Table+" is another table: it has not the keys and the index of a pipeline", "Check `table` (VEND_TABLE): another tool's table may have this name.")
	case t.Status != "ACTIVE":
		e.warn(name, fmt.Sprintf("%s is %s", e.Subject.Table, t.Status), "Wait until it is ACTIVE.")
	case !t.Safe:
		e.warn(name, e.Subject.Table+" can be deleted by mistake, and with it what is known of every account that is under way",
			"Run `aws dynamodb update-table --table-name "+e.Subject.Table+" --deletion-protection-enabled`.")
	default:
		e.pass(name, "%s", e.Subject.Table)
	}
}

func (e *examination) inbox(ctx context.Context) {
	const name = "queue"
	if e.Inbox == nil {
		e.warn(name, "none was given: uploads and the ends of account operations are found by polls alone", "Give it as --queue-url, VEND_QUEUE_URL, or `queueUrl:` in vend.yaml.")
		return
	}
	q, err := e.Inbox(ctx)
	switch {
	case err != nil:
		e.unseen(name, Fail, err)
	case q.DeadLetters > 0:
		explained, _ := account.Explain("V3016")
		e.each(Check{
			Name: name, Result: Warn, Code: "V3016", Message: fmt.Sprintf("%d messages were put aside that nobody could handle", q.DeadLetters),
			Remedy: explained.Remedy,
		})
	case !q.HasDeadLetters:
		e.warn(name, e.Queue+" has no dead-letter queue: a message that nobody can handle comes again until it is too old", "Give it a redrive policy (`aws sqs set-queue-attributes`, RedrivePolicy).")
	default:
		e.pass(name, "%s, about %d messages", e.Queue, q.Waiting)
	}
}

func (e *examination) topic(ctx context.Context) {
	if e.Ports.Topic == nil {
		e.warn("topic", "none was given: nobody is told by message", "Give it as --topic-arn, VEND_TOPIC_ARN, or `topicArn:` in vend.yaml, if somebody is to be told.")
		return
	}
	if err := e.Ports.Topic(ctx); err != nil {
		e.unseen("topic", Warn, err)
		return
	}
	e.pass("topic", "%s", e.Subject.Topic)
}

func (e *examination) quota(ctx context.Context) {
	const name = "account quota"
	q, err := e.Quota(ctx)
	if err != nil {
		e.unseen(name, Warn, err)
		return
	}
	left := q.Accounts - q.Used
	said := fmt.Sprintf("%d of %d accounts used", q.Used, q.Accounts)
	const ask = "Ask for more in time (Service Quotas, AWS Organizations): `" + account.AskForAccounts + "`."
	switch {
	case q.Default && left <= 0:
		e.warn(name, said+", by AWS's default; this organization may well have more", "See in Service Quotas what holds here: `aws service-quotas list-service-quotas --region us-east-1 --service-code organizations`.")
	case left <= 0:
		e.fail(name, "V3007", said, ask)
	case left < quotaLow:
		e.warn(name, fmt.Sprintf("%s, %d left", said, left), ask)
	default:
		e.pass(name, "%s", said)
	}
}

func (e *examination) user(ctx context.Context) {
	const name = "enrollment user"
	if e.EnrollmentUser == "" {
		e.warn(name, "none was given: every row that enrolls an account has to name its own", "Set enrollment.ssoUser in vend.yaml, and run `vend config push`.")
		return
	}
	there, err := e.User(ctx, e.EnrollmentUser)
	switch {
	case err != nil:
		e.unseen(name, Warn, err)
	case !there:
		e.warn(name, "Identity Center has no user with the address of enrollment.ssoUser: Account Factory makes one", "Check the address, unless a new user is what is wanted.")
	default:
		e.pass(name, "the address of enrollment.ssoUser belongs to a user of Identity Center")
	}
}

func (e *examination) clock(context.Context) {
	off := e.who.Local.Sub(e.who.Date)
	if off > 0 {
		off = max(0, off-time.Second) // AWS's time is cut to seconds
	}
	size := off.Abs().Round(time.Second)
	const remedy = "Set the clock of this machine by NTP (`timedatectl set-ntp true`)."
	switch {
	case e.who.Date.IsZero():
		e.warn("clock", "AWS's answer had no date", "Nothing; look at the proxy between here and AWS.")
	case size >= skewRefused:
		e.fail("clock", "V3001", fmt.Sprintf("this machine is %s off AWS's time: AWS refuses what it signs", size), remedy)
	case size >= skewNoted:
		e.warn("clock", fmt.Sprintf("this machine is %s off AWS's time", size), remedy)
	default:
		e.pass("clock", "within %s of AWS's time", max(time.Second, size+time.Second))
	}
}
