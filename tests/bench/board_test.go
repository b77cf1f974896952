package bench

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// say is an event so many milliseconds after the epoch.
func say(after int, observer, member int, s state) event {
	return event{at: epoch.Add(time.Duration(after) * time.Millisecond), observer: observer, member: member, state: s}
}

func TestRepetitionsAndWordsAboutOneselfAreNoEvents(t *testing.T) {
	b := newBoard(3)
	for _, e := range []event{say(1, 1, 2, alive), say(2, 1, 2, alive), say(3, 1, 1, failed), say(4, 1, 9, alive), say(5, 1, 2, failed)} {
		b.add(e)
	}
	if got := len(b.since(0)); got != 2 {
		t.Errorf("there are %d events, want 2: %v", got, b.since(0))
	}
}

func TestAgreementIsTheTimeOfItsLastEvent(t *testing.T) {
	b := newBoard(2)
	b.add(say(1, 1, 2, alive))
	done := make(chan time.Time)
	go func() {
		at, err := b.agreed(t.Context(), []int{1, 2})
		if err != nil {
			t.Error(err)
		}
		done <- at
	}()
	for b.waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	b.add(say(7, 2, 1, alive))
	if got, want := <-done, epoch.Add(7*time.Millisecond); !got.Equal(want) {
		t.Errorf("agreed at %s, want %s", got, want)
	}
}

func (b *board) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiters)
}

func TestANodeThatStartsAgainHasSaidNothing(t *testing.T) {
	b := newBoard(2)
	b.add(say(1, 1, 2, alive))
	b.add(say(2, 2, 1, alive))
	b.forget(2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.agreed(ctx, []int{1, 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want that nothing is agreed", err)
	}
}

func TestATallyHasTheFirstWordOfEachObserverAboutTheLastMember(t *testing.T) {
	b := newBoard(4)
	told := b.tally([]int{1, 2}, []int{3, 4}, isFailed)
	for _, e := range []event{
		say(10, 1, 3, suspect), say(20, 1, 3, failed), say(30, 1, 3, alive), say(40, 1, 3, failed),
		say(50, 1, 4, failed), say(60, 2, 4, failed), say(70, 2, 3, gone),
	} {
		b.add(e)
	}
	times, err := told.wait(t.Context(), epoch)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(times)
	if want := []time.Duration{50 * time.Millisecond, 70 * time.Millisecond}; !slices.Equal(times, want) {
		t.Errorf("the times are %v, want %v", times, want)
	}
}

func TestATallySaysWhoIsMissing(t *testing.T) {
	b := newBoard(2)
	told := b.tally([]int{1}, []int{2}, isFailed)
	ctx, cancel := context.WithDeadline(t.Context(), epoch)
	defer cancel()
	_, err := told.wait(ctx, epoch)
	if err == nil || err.Error() != "1 observations are missing, such as that of node 1 about node 2" {
		t.Errorf("the error is %v", err)
	}
}
