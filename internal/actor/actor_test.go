package actor

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tick = -1

// ticker is a machine that wants a tick every period and echoes each input twice.
type ticker struct {
	period time.Duration
	next   time.Time
	ticks  []time.Duration // since start
	start  time.Time
	inputs []int
}

func newTicker(period time.Duration) *ticker {
	return &ticker{period: period, start: time.Now(), next: time.Now().Add(period)}
}

func (m *ticker) Step(in int) []int {
	if in == tick {
		m.ticks = append(m.ticks, time.Since(m.start))
		m.next = m.next.Add(m.period)
		return nil
	}
	m.inputs = append(m.inputs, in)
	return []int{in, in * 10}
}

func (m *ticker) Wait() time.Duration { return time.Until(m.next) }

// start runs a until the returned stop function is called; stop waits for the end.
func start[I, E any](t *testing.T, a *Actor[I, E]) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); a.Run(ctx) }()
	return func() { cancel(); <-ended }
}

func TestTicksComeExactlyWhenTheMachineWantsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTicker(time.Second)
		stop := start(t, New(m, tick, func(int) {}))
		time.Sleep(3500 * time.Millisecond)
		stop()
		want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}
		if !slices.Equal(m.ticks, want) {
			t.Errorf("ticks at %v, want %v", m.ticks, want)
		}
	})
}

func TestEffectsArePerformedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		a := New(newTicker(time.Hour), tick, func(e int) { got = append(got, e) })
		stop := start(t, a)
		for i := range 3 {
			if err := a.Send(t.Context(), i+1); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		stop()
		if want := []int{1, 10, 2, 20, 3, 30}; !slices.Equal(got, want) {
			t.Errorf("effects %v, want %v", got, want)
		}
	})
}

// never is a machine without deadlines.
type never struct{ steps int }

func (m *never) Step(int) []int      { m.steps++; return nil }
func (m *never) Wait() time.Duration { return math.MaxInt64 }

func TestAMachineThatNeverWantsATickGetsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &never{}
		stop := start(t, New(m, tick, func(int) {}))
		time.Sleep(1000 * time.Hour)
		stop()
		if m.steps != 0 {
			t.Errorf("stepped %d times, want 0", m.steps)
		}
	})
}

// greedy always wants a tick, and records the order of what it got.
type greedy struct{ got []int }

func (m *greedy) Step(in int) []int {
	if len(m.got) < 10_000 {
		m.got = append(m.got, in)
	}
	return nil
}
func (m *greedy) Wait() time.Duration { return 0 }

func TestOverdueTicksAndAFloodOfInputsTakeTurns(t *testing.T) {
	m := &greedy{}
	a := New(m, tick, func(int) {})
	const flood = 500
	for i := range flood { // before Run, so that the inbox is full of work from the start
		if err := a.Send(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	stop := start(t, a)
	if err := a.Do(t.Context(), func() {}); err != nil { // behind the flood
		t.Fatal(err)
	}
	stop()
	for i := range flood {
		if m.got[2*i] != tick || m.got[2*i+1] != i {
			t.Fatalf("turn %d took %d, %d, want a tick and then input %d", i, m.got[2*i], m.got[2*i+1], i)
		}
	}
}

func TestDoSeesEverythingThatWasSentBefore(t *testing.T) {
	m := newTicker(time.Hour)
	a := New(m, tick, func(int) {})
	stop := start(t, a)
	defer stop()
	for i := range 100 {
		if err := a.Send(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	got := 0
	if err := a.Do(t.Context(), func() { got = len(m.inputs) }); err != nil {
		t.Fatal(err)
	}
	if got != 100 {
		t.Errorf("Do saw %d inputs, want 100", got)
	}
}

func TestSendWaitsWhileTheInboxIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(newTicker(time.Hour), tick, func(int) {})
		for i := range inboxSize {
			if err := a.Send(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := a.Send(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Send to a full inbox: %v, want the context's error", err)
		}
		sent := make(chan error, 1)
		go func() { sent <- a.Send(t.Context(), 7) }()
		synctest.Wait()
		stop := start(t, a)
		defer stop()
		if err := <-sent; err != nil {
			t.Errorf("Send after the loop made room: %v", err)
		}
	})
}

func TestAfterRunEverySenderIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(newTicker(time.Hour), tick, func(int) {})
		start(t, a)()
		if err := a.Send(t.Context(), 1); !errors.Is(err, ErrStopped) {
			t.Errorf("Send: %v, want ErrStopped", err)
		}
		if err := a.Do(t.Context(), func() { t.Error("ran after the end") }); !errors.Is(err, ErrStopped) {
			t.Errorf("Do: %v, want ErrStopped", err)
		}
	})
}

func TestSendersThatWaitAreReleasedWhenRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		a := New(newTicker(time.Hour), tick, func(int) { <-release }) // a loop that is stuck
		stop := start(t, a)
		for i := range inboxSize + 1 {
			if err := a.Send(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		sent := make(chan error, 1)
		go func() { sent <- a.Send(t.Context(), 0) }()
		synctest.Wait()
		go stop()
		synctest.Wait()
		close(release)
		if err := <-sent; err != nil && !errors.Is(err, ErrStopped) {
			t.Errorf("waiting Send: %v, want nil or ErrStopped", err)
		}
	})
}

func TestADoThatGaveUpNeverRunsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := New(newTicker(time.Hour), tick, func(int) {})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := a.Do(ctx, func() { t.Error("ran though Do had returned") }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Do: %v, want the context's error", err)
		}
		stop := start(t, a)
		synctest.Wait()
		stop()
	})
}

func TestManySendersLoseNothing(t *testing.T) {
	m := newTicker(50 * time.Microsecond)
	performed := 0
	a := New(m, tick, func(int) { performed++ })
	stop := start(t, a)
	const senders, each = 8, 2000
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for i := range each {
				if err := a.Send(t.Context(), i); err != nil {
					t.Error(err)
				}
				if i%100 == 0 {
					if err := a.Do(t.Context(), func() { _ = len(m.inputs) }); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	if err := a.Do(t.Context(), func() {}); err != nil {
		t.Fatal(err)
	}
	stop()
	if len(m.inputs) != senders*each || performed != 2*senders*each {
		t.Errorf("stepped %d inputs and performed %d effects, want %d and %d", len(m.inputs), performed, senders*each, 2*senders*each)
	}
	if len(m.ticks) == 0 {
		t.Error("the flood starved the ticks")
	}
}
