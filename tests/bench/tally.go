package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// tally collects when each observer first says something of all the members that it is about,
// even if it says something else soon after.
type tally struct {
	board   *board
	from    int // the board's mark at which it begins
	so      func(event) bool
	wanted  map[[2]int]bool // observer and member that have not said so yet
	told    map[int]time.Time
	scanned int
}

// tally begins with what is said from now on. Pairs that have it so already count at once.
func (b *board) tally(observers, members []int, so func(event) bool) *tally {
	t := &tally{board: b, so: so, wanted: map[[2]int]bool{}, told: map[int]time.Time{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	t.from = len(b.events)
	t.scanned = t.from
	now := time.Now()
	for _, o := range observers {
		for _, m := range members {
			switch {
			case o == m:
			case so(b.says[o][m]):
				t.told[o] = now
			default:
				t.wanted[[2]int{o, m}] = true
			}
		}
	}
	return t
}

// complete reads the new events. It runs under the board's lock.
func (t *tally) complete() bool {
	for ; t.scanned < len(t.board.events); t.scanned++ {
		e := t.board.events[t.scanned]
		if pair := [2]int{e.observer, e.member}; t.wanted[pair] && t.so(e) {
			delete(t.wanted, pair)
			t.told[e.observer] = e.at
		}
	}
	return len(t.wanted) == 0
}

// wait until all have said so, and return how long after the fault each of them did: of all
// members, the last.
func (t *tally) wait(ctx context.Context, fault time.Time) ([]time.Duration, error) {
	if _, err := t.board.wait(ctx, t.complete); err != nil {
		return nil, t.explain(err)
	}
	var all []time.Duration
	for _, at := range t.told {
		all = append(all, max(0, at.Sub(fault)))
	}
	return all, nil
}

// explain which pair is missing, if the reason is that it took too long.
func (t *tally) explain(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	for pair := range t.wanted {
		return fmt.Errorf("%d observations are missing, such as that of node %d about node %d", len(t.wanted), pair[0], pair[1])
	}
	return err
}
