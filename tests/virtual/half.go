package virtual

import (
	"context"
	"sync"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// epoch is how far a node's wall clock is ahead of the bubble's, which begins in 2000,
// before the first incarnation that anybody believes.
const epoch = 27 * 365 * 24 * time.Hour

// Half is one running service.
type Half struct {
	net   *Net
	port  *port
	clock *clock
	stop  context.CancelFunc
	done  chan struct{}
	err   error
	cut   sync.Once
	ended sync.Once
	gone  bool // killed, or off
}

func (n *Net) newHalf(node *Node, half string, address swim.Address, ahead time.Duration) *Half {
	h := &Half{net: n, port: n.listen(node.ID, half, address), clock: &clock{ahead: epoch + ahead}, done: make(chan struct{})}
	n.halves = append(n.halves, h)
	return h
}

func (h *Half) run(service func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	go func() {
		defer close(h.done)
		h.err = service(ctx)
		h.end()
	}()
}

// end is told to the auditor once.
func (h *Half) end() {
	h.ended.Do(func() { h.net.observe(audit.Ended{Node: h.port.owner, Half: h.which()}) })
}

func (h *Half) which() audit.Half {
	if h.port.half == audit.Detector.String() {
		return audit.Detector
	}
	return audit.Disseminator
}

// Stop asks the half to stop in order, and waits until it has.
func (h *Half) Stop() error {
	h.net.observe(audit.AskedToStop{Node: h.port.owner})
	h.stop()
	<-h.done
	h.cut.Do(func() { h.net.unplug(h.port) })
	return h.err
}

// Kill takes the half off the network at once, as SIGKILL would. What is left of it ends by
// itself, unheard.
func (h *Half) Kill() {
	h.gone = true
	h.end()
	h.cut.Do(func() { h.net.unplug(h.port) })
	h.stop()
	h.clock.resume()
}

// Pause stops the half where it stands (SIGSTOP): its clock does not answer, so its core
// takes no step, and nothing is read or written. Its kernel still takes connections.
func (h *Half) Pause() {
	h.net.observe(audit.Paused{Node: h.port.owner, Half: h.which()})
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.port.still = true
	h.clock.pause()
}

// Resume ends a Pause (SIGCONT). What has come meanwhile is read now.
func (h *Half) Resume() {
	h.net.observe(audit.Resumed{Node: h.port.owner, Half: h.which()})
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.port.still = false
	h.net.freed()
	h.clock.resume()
}

// PowerOff is the end of its host: nobody answers any more, and nobody refuses.
func (h *Half) PowerOff() {
	h.Pause()
	h.end()
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.port.dark, h.gone = true, true
}

// Runs reports whether the half has not ended; it may stand still.
func (h *Half) Runs() bool {
	select {
	case <-h.done:
		return false
	default:
		return !h.gone
	}
}

// Done is closed when the half has ended.
func (h *Half) Done() <-chan struct{} { return h.done }

// Err is why it ended; read it after Done.
func (h *Half) Err() error { return h.err }

// halves are those that were started.
func (node *Node) halves() (halves []*Half) {
	for _, h := range []*Half{node.Detector, node.Disseminator} {
		if h != nil {
			halves = append(halves, h)
		}
	}
	return halves
}

// Kill both halves.
func (node *Node) Kill() {
	for _, h := range node.halves() {
		h.Kill()
	}
}

// Stop both halves in order, at the same time.
func (node *Node) Stop() {
	var both sync.WaitGroup
	for _, h := range node.halves() {
		both.Go(func() { _ = h.Stop() })
	}
	both.Wait()
}

// clock is what a half takes for the time.
type clock struct {
	ahead   time.Duration
	mu      sync.Mutex
	stopped chan struct{} // closed when it goes again; nil while it goes
}

// now does not return while the clock stands.
func (c *clock) now() time.Time {
	for {
		c.mu.Lock()
		stopped := c.stopped
		c.mu.Unlock()
		if stopped == nil {
			return time.Now().Add(c.ahead)
		}
		<-stopped
	}
}

func (c *clock) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped == nil {
		c.stopped = make(chan struct{})
	}
}

func (c *clock) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped != nil {
		close(c.stopped)
		c.stopped = nil
	}
}
