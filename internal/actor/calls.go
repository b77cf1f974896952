package actor

import (
	"context"
	"sync"
)

// Calls pairs the requests that handlers hand to a machine with the answers that it gives
// later, as effects. Safe for concurrent use; the zero value is ready.
type Calls[A any] struct {
	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan A
}

// Ask numbers a request, hands it over with send, and waits for its answer. It returns
// the error of send, or that of ctx when it ends first; an answer that comes later is
// dropped.
func (c *Calls[A]) Ask(ctx context.Context, send func(number uint64) error) (answer A, err error) {
	number, arrived := c.open()
	defer c.close(number)
	if err := send(number); err != nil {
		return answer, err
	}
	select {
	case answer = <-arrived:
		return answer, nil
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}

// Answer gives a request its answer. Called on the loop; it never waits.
func (c *Calls[A]) Answer(number uint64, answer A) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if arrived := c.waiting[number]; arrived != nil {
		arrived <- answer // room for one, and Answer is called once
		delete(c.waiting, number)
	}
}

func (c *Calls[A]) open() (uint64, <-chan A) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = make(map[uint64]chan A)
	}
	c.last++
	arrived := make(chan A, 1)
	c.waiting[c.last] = arrived
	return c.last, arrived
}

func (c *Calls[A]) close(number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, number)
}
