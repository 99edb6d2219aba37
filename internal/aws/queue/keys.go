package queue

import (
	"fmt"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// key is where an item is.
type key struct{ pk, sk string }

func (k key) String() string { return k.pk + " " + k.sk }
func (k key) item() item     { return item{"pk": text(k.pk), "sk": text(k.sk)} }

const (
	requestPrefix = "request#"
	batchPrefix   = "batch#"
	rowPrefix     = "row#"
	eventPrefix   = "event#"
	openPrefix    = "open#"
	donePrefix    = "finished#"

	// indexName is the one index, partitioned by "queue" and sorted by "due".
	indexName   = "due"
	slotQueue   = "slot"
	timerQueue  = "timer"
	failedQueue = "failed" // at rest: it is nobody's to take but an operator's
)

var (
	slotsKey    = key{"pipeline", "slots"}
	countsKey   = key{"pipeline", "counts"}
	settingsKey = key{"pipeline", "settings"}
)

func requestKey(id string) key { return key{requestPrefix + id, "request"} }
func batchKey(id string) key   { return key{batchPrefix + id, "batch"} }
func tallyKey(id string) key   { return key{batchPrefix + id, "counts"} }
func guardKey(id string) key   { return key{"account#" + id, "guard"} }
func workerKey(o string) key   { return key{"workers", o} }

func rowKey(batch string, line int) key {
	return key{batchPrefix + batch, fmt.Sprintf("%s%08d", rowPrefix, line)}
}

// eventKey is where the history of one save is.
func eventKey(id string, at time.Time, version int64) key {
	return key{requestPrefix + id, fmt.Sprintf("%s%013d#%08d", eventPrefix, at.UnixMilli(), version)}
}

// listKey is the batch's place in the list of batches, which is in order of time.
func listKey(b account.Batch) key {
	prefix := openPrefix
	if b.State == account.BatchFinished {
		prefix = donePrefix
	}
	return key{"batches", prefix + b.SubmittedAt.UTC().Format("2006-01-02T15:04:05.000Z") + "#" + b.ID}
}

// idOf is the id of the request or batch that an item is about.
func idOf(it item) string {
	pk := textOf(it, "pk")
	if id, ok := strings.CutPrefix(pk, requestPrefix); ok {
		return id
	}
	return strings.TrimPrefix(pk, batchPrefix)
}

// itemKey is the claimable item of a request or batch id.
func itemKey(id string) key {
	if strings.HasPrefix(id, "b-") {
		return batchKey(id)
	}
	return requestKey(id)
}

// dueText is a moment as the index sorts it.
func dueText(t time.Time) string { return fmt.Sprintf("%015d", max(0, t.UnixMilli())) }
