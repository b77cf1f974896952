package actor

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnAnswerReachesTheRequestThatItBelongsTo(t *testing.T) {
	var calls Calls[uint64]
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			var mine uint64
			got, err := calls.Ask(t.Context(), func(number uint64) error {
				mine = number
				go calls.Answer(number, number*10)
				return nil
			})
			if err != nil || got != mine*10 {
				t.Errorf("request %d got %d, %v", mine, got, err)
			}
		})
	}
	all.Wait()
}

func TestARequestThatIsNotTakenInOrNotAnsweredEndsWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls Calls[int]
		if _, err := calls.Ask(t.Context(), func(uint64) error { return ErrStopped }); !errors.Is(err, ErrStopped) {
			t.Errorf("got %v, want the error of send", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var late uint64
		_, err := calls.Ask(ctx, func(number uint64) error { late = number; return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the error of the context", err)
		}
		calls.Answer(late, 1) // dropped
		if got := len(calls.waiting); got != 0 {
			t.Errorf("%d requests are still waiting", got)
		}
	})
}
