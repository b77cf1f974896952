package rpc

import (
	"sync"
	"time"
)

// warnEvery is how often one kind of warning about others' behaviour is logged.
const warnEvery = 10 * time.Second

// limiter keeps a flood of bad calls from becoming a flood of warnings. Ready to use.
type limiter struct {
	mu      sync.Mutex
	next    time.Time
	skipped int
}

// allow says whether to write now, and if so how many were left out since the last.
func (l *limiter) allow() (skipped int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(l.next) {
		l.skipped++
		return 0, false
	}
	skipped, l.skipped, l.next = l.skipped, 0, now.Add(warnEvery)
	return skipped, true
}
