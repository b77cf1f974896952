package sim

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// process is one half of a node: a core, and whether it runs.
type process struct {
	world   *World
	node    *Node
	name    string
	address swim.Address
	step    func(in any)         // applies one input to the core, performs the effects
	wait    func() time.Duration // until the core wants a tick
	tick    any

	alive   bool
	paused  bool
	backlog []any  // inputs that came while it was paused
	timer   uint64 // number of the latest timer; an older one is stale
}

// start opens the port and begins to tick.
func (p *process) start() {
	p.alive = true
	p.world.ports[p.address] = p
	p.arm()
}

// kill ends the process at once.
func (p *process) kill() {
	p.alive = false
	if p.world.ports[p.address] == p {
		delete(p.world.ports, p.address)
	}
}

// deliver hands one input to the core.
func (p *process) deliver(in any) {
	switch {
	case !p.alive:
	case p.paused:
		p.backlog = append(p.backlog, in)
	default:
		p.step(in)
		p.arm()
	}
}

// arm sets the timer to the core's deadline.
func (p *process) arm() {
	p.timer++
	number := p.timer
	p.world.after(p.wait(), func() {
		if p.timer == number {
			p.deliver(p.tick)
		}
	})
}

// Pause stops the process where it stands (SIGSTOP).
func (p *process) Pause() { p.paused = true }

// Resume lets it go on, with all that came meanwhile.
func (p *process) Resume() {
	p.paused = false
	backlog := p.backlog
	p.backlog = nil
	for _, in := range backlog {
		p.deliver(in)
	}
	if p.alive {
		p.arm()
	}
}

// call is one RPC in flight.
type call struct {
	from    *process
	ended   func(swim.Evidence, any) // with the answer, if evidence is Acked
	over    bool
	timeout time.Duration
	// waitForReady: a refusal is not the end, only the time-out is.
	waitForReady bool
}

// send makes an RPC: request is built for the callee once it has arrived, with the
// function that answers it.
func (w *World) send(c *call, to swim.Address, request func(reply func(any)) any) {
	refused := false
	w.after(c.timeout, func() {
		if refused {
			c.end(swim.Refused, nil)
			return
		}
		c.end(swim.Silent, nil)
	})
	w.after(w.Latency(w.rng), func() {
		target := w.ports[to]
		if target == nil {
			if refused = true; !c.waitForReady {
				c.end(swim.Refused, nil)
			}
			return
		}
		if w.lost(c.from, target) {
			return
		}
		target.deliver(request(func(answer any) {
			if w.lost(target, c.from) {
				return
			}
			w.after(w.Latency(w.rng), func() { c.end(swim.Acked, answer) })
		}))
	})
}

func (c *call) end(evidence swim.Evidence, answer any) {
	if !c.over {
		c.over = true
		c.ended(evidence, answer)
	}
}
