package batch

import (
	"context"
	"iter"
)

// parted is a record on its way to be judged: taken apart and tidied, or why that failed.
type parted struct {
	rec     record
	blank   bool
	cells   *cells // nil where there is no table, for blank and faulty ones
	remarks []remark
	err     error
}

// ahead parts records in a goroutine of its own, while those before them are judged: reading and judging take about as
// long as each other. It goes ahead by a few hundred records, so that memory does not grow with the list, and has ended
// when the sequence has, however that ends; only then may the records be asked for anything else.
func (l *List) ahead() iter.Seq[*parted] {
	const (
		chunk  = 64 // handing over one by one costs more than parting
		chunks = 4
	)
	return func(yield func(*parted) bool) {
		ready, judged := make(chan []parted, chunks), make(chan []parted, chunks)
		ctx, stop := context.WithCancel(context.Background())
		go func() {
			defer close(ready)
			for more := true; more; {
				var some []parted
				select {
				case some = <-judged:
				default:
					some = make([]parted, 0, chunk)
				}
				for more && len(some) < chunk {
					var p parted
					if p, more = l.part(); more {
						some = append(some, p)
					}
				}
				select {
				case ready <- some:
				case <-ctx.Done():
					return
				}
			}
		}()
		defer func() {
			stop()
			for range ready { // until the goroutine has ended
			}
		}()
		for some := range ready {
			for i := range some {
				if !yield(&some[i]) {
					return
				}
			}
			select {
			case judged <- some[:0]:
			default:
			}
		}
	}
}

// part reads the next record and takes it apart; false at the end of the list and when the source fails.
func (l *List) part() (p parted, ok bool) {
	p.rec, ok = l.records.next()
	if !ok {
		return p, false
	}
	p.blank = l.records.blank(p.rec)
	if !p.blank && p.rec.fault == nil && l.table != nil {
		if p.cells, p.err = l.table.read(p.rec); p.err == nil {
			p.remarks = p.cells.tidy(p.rec.plain)
		}
	}
	return p, true
}
