package logging

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	// queuedLines wait for a slow terminal, pipe or log driver; more are dropped and counted.
	queuedLines = 8192
	// flushTime bounds the wait for the last lines at the end of the process.
	flushTime = time.Second
)

// Async is a zapcore.WriteSyncer that never makes its caller wait: who reads the log, and
// whether at all, must not stop the loop that shows the others that this node lives. Call
// Sync before the process ends.
type Async struct {
	lines   chan []byte
	flush   chan chan struct{}
	stop    chan struct{} // closed by tests only
	dropped atomic.Uint64
}

// NewAsync returns an Async that writes to w, on a goroutine of its own for the life of
// the process.
func NewAsync(w io.Writer) *Async {
	a := &Async{lines: make(chan []byte, queuedLines), flush: make(chan chan struct{}), stop: make(chan struct{})}
	go a.run(w)
	return a
}

// Write queues a copy of one line, or drops it if too many are waiting. It never fails.
func (a *Async) Write(line []byte) (int, error) {
	select {
	case a.lines <- append([]byte(nil), line...):
	default:
		a.dropped.Add(1)
	}
	return len(line), nil
}

// Sync waits until everything queued has been written, for a second at the most.
func (a *Async) Sync() error {
	written := make(chan struct{})
	late := time.After(flushTime)
	select {
	case a.flush <- written:
	case <-late:
		return fmt.Errorf("logging: nobody reads the log: lines are lost")
	}
	select {
	case <-written:
		return nil
	case <-late:
		return fmt.Errorf("logging: nobody reads the log: lines are lost")
	}
}

func (a *Async) run(w io.Writer) {
	for {
		select {
		case line := <-a.lines:
			a.write(w, line)
		case written := <-a.flush:
			for len(a.lines) > 0 {
				a.write(w, <-a.lines)
			}
			close(written)
		case <-a.stop:
			return
		}
	}
}

// write has no one to tell of a fault but the next line.
func (a *Async) write(w io.Writer, line []byte) {
	_, _ = w.Write(line)
	if lost := a.dropped.Swap(0); lost > 0 {
		_, _ = fmt.Fprintf(w, "%d log lines were dropped here: the reader was too slow\n", lost)
	}
}
