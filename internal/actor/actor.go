// Package actor runs one pure machine on one goroutine.
//
//	inputs --Send--> [ inbox, bounded ] --\
//	                                       >-- loop: Step -> perform each effect, in order
//	machine.Wait() --> one timer, tick ---/
//
// The machine has no clock, no goroutine and no lock; the loop gives it the first two and
// makes the third needless. What an effect brings back from the world (an answer, a
// timeout) returns as an input.
package actor

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// inboxSize bounds the inputs that wait for the loop. It absorbs a burst; a flood makes
// the senders wait, which slows the peers that cause it and not the loop.
const inboxSize = 1024

// ErrStopped says that Run has ended, so nothing will be taken in any more.
var ErrStopped = errors.New("actor: stopped: its Run has ended")

// Machine is what an actor runs. Only the actor's loop calls it.
type Machine[I, E any] interface {
	// Step applies one input and returns what to do about it, in order.
	Step(in I) []E
	// Wait is the time until a tick is due: zero or less means now, a very large value
	// (math.MaxInt64) never.
	Wait() time.Duration
}

// Actor owns a machine. Make one with New, give it a goroutine with Run.
type Actor[I, E any] struct {
	machine Machine[I, E]
	tick    I
	perform func(E)
	inbox   chan message[I]
	stopped chan struct{}
}

// message is one input, or one function to run between two inputs.
type message[I any] struct {
	in  I
	job *job
}

// New returns an actor that steps m with tick whenever m.Wait has passed, and hands every
// effect to perform. perform runs on the loop: it must neither block nor call Send or Do,
// since a full inbox would then wait for itself.
func New[I, E any](m Machine[I, E], tick I, perform func(E)) *Actor[I, E] {
	return &Actor[I, E]{
		machine: m,
		tick:    tick,
		perform: perform,
		inbox:   make(chan message[I], inboxSize),
		stopped: make(chan struct{}),
	}
}

// Run is the loop. It returns when ctx ends; inputs that still wait are dropped. It must
// be called once.
//
// Each turn takes a due tick and then at most one message, so neither a flood of inputs
// nor a machine whose ticks are always overdue can starve the other.
func (a *Actor[I, E]) Run(ctx context.Context) {
	defer close(a.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		wait := a.machine.Wait()
		if wait <= 0 {
			a.step(a.tick)
			select {
			case m := <-a.inbox:
				a.take(m)
			default:
			}
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case m := <-a.inbox:
			a.take(m)
		case <-timer.C:
			// The next turn asks the machine, which knows best whether a tick is due.
		}
	}
}

func (a *Actor[I, E]) take(m message[I]) {
	if m.job != nil {
		m.job.run()
		return
	}
	a.step(m.in)
}

func (a *Actor[I, E]) step(in I) {
	for _, effect := range a.machine.Step(in) {
		a.perform(effect)
	}
}

// Send hands an input to the loop and waits only while the inbox is full. It returns the
// error of ctx when that ends first, and ErrStopped after Run has ended. A nil error
// means "queued": an input that is queued while Run ends is dropped.
func (a *Actor[I, E]) Send(ctx context.Context, in I) error {
	return a.enqueue(ctx, message[I]{in: in})
}

// Do runs f on the loop, after everything sent before, and waits until it has returned.
// So f may read the machine (snapshots). f must not block. When Do returns an error, f
// has not run and never will.
func (a *Actor[I, E]) Do(ctx context.Context, f func()) error {
	j := &job{f: f, done: make(chan struct{})}
	if err := a.enqueue(ctx, message[I]{job: j}); err != nil {
		return err
	}
	select {
	case <-j.done:
		return nil
	case <-ctx.Done():
		return j.giveUp(ctx.Err())
	case <-a.stopped:
		return j.giveUp(ErrStopped)
	}
}

func (a *Actor[I, E]) enqueue(ctx context.Context, m message[I]) error {
	select {
	case <-a.stopped: // first, since the inbox may still have room
		return ErrStopped
	default:
	}
	select {
	case a.inbox <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-a.stopped:
		return ErrStopped
	}
}

// job is a function for the loop. Whoever claims it first, the loop or the waiting
// caller, decides whether it runs; so f never touches the variables of a caller that has
// gone.
type job struct {
	f       func()
	claimed atomic.Bool
	done    chan struct{}
}

func (j *job) run() {
	if j.claimed.CompareAndSwap(false, true) {
		j.f()
		close(j.done)
	}
}

func (j *job) giveUp(why error) error {
	if j.claimed.CompareAndSwap(false, true) {
		return why
	}
	<-j.done
	return nil
}
