package bench

import (
	"context"
	"slices"
	"sync"
	"time"
)

// state is what an observer holds a member for, in the words that all systems share.
type state uint8

const (
	unknown state = iota
	alive
	suspect
	failed
	left
	gone // failed or left: memberlist tells both by one event
)

// event is one observer saying one new thing about another node.
type event struct {
	at               time.Time // of its arrival here
	observer, member int
	state            state
	reason           string // of a suspicion, where the system gives one
}

// board holds what each node says of each other one. Safe for concurrent use.
type board struct {
	mu      sync.Mutex
	says    [][]event // the latest, by observer and member
	events  []event
	waiters map[*waiter]bool
}

// waiter waits for a condition, which is looked at with every event.
type waiter struct {
	cond func() bool
	done chan time.Time
}

// newBoard for nodes 1 to size.
func newBoard(size int) *board {
	b := &board{says: make([][]event, size+1), waiters: map[*waiter]bool{}}
	for i := range b.says {
		b.says[i] = make([]event, size+1)
	}
	return b
}

// add what an observer says. Repetitions, and what it says of itself, are no events.
func (b *board) add(e event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if outside := max(e.observer, e.member) >= len(b.says); outside || e.observer == e.member {
		return
	}
	latest := &b.says[e.observer][e.member]
	if latest.state == e.state && latest.reason == e.reason {
		return
	}
	*latest = e
	b.events = append(b.events, e)
	for w := range b.waiters {
		if w.cond() {
			w.done <- e.at
			delete(b.waiters, w)
		}
	}
}

// forget what a node said, since it has ended and will begin with nothing.
func (b *board) forget(observer int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.says[observer])
}

// mark is the place in the order of events that comes next.
func (b *board) mark() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.events)
}

// since returns the events from a mark on.
func (b *board) since(mark int) []event {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events[mark:])
}

// wait until the condition holds, and return the time of the event that made it true. The
// condition runs under the lock, often, and must not call the board's methods but holds.
func (b *board) wait(ctx context.Context, cond func() bool) (time.Time, error) {
	b.mu.Lock()
	if cond() {
		b.mu.Unlock()
		return time.Now(), nil
	}
	w := &waiter{cond: cond, done: make(chan time.Time, 1)}
	b.waiters[w] = true
	b.mu.Unlock()
	select {
	case at := <-w.done:
		return at, nil
	case <-ctx.Done():
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiters, w)
		return time.Time{}, ctx.Err()
	}
}

// holds tells whether every one of the observers says so of every one of the members. It is
// for conditions.
func (b *board) holds(observers, members []int, so func(event) bool) bool {
	for _, o := range observers {
		for _, m := range members {
			if o != m && !so(b.says[o][m]) {
				return false
			}
		}
	}
	return true
}

// quiet waits until nobody has said anything for so long.
func (b *board) quiet(ctx context.Context, long time.Duration) error {
	for mark := -1; mark != b.mark(); {
		mark = b.mark()
		select {
		case <-time.After(long):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// agreed waits until each of the nodes says of each other one that it is alive.
func (b *board) agreed(ctx context.Context, nodes []int) (time.Time, error) {
	return b.wait(ctx, func() bool { return b.holds(nodes, nodes, isAlive) })
}

// dissent counts how often one of the nodes does not say of another one that it is alive.
func (b *board) dissent(nodes []int) (count int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range nodes {
		for _, m := range nodes {
			if o != m && !isAlive(b.says[o][m]) {
				count++
			}
		}
	}
	return count
}

func isAlive(e event) bool  { return e.state == alive }
func isFailed(e event) bool { return e.state == failed || e.state == gone }
func isLeft(e event) bool   { return e.state == left || e.state == gone }
