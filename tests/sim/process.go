package sim

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// process is one half of a node: a core, and whether it runs.
type process struct {
	world   *World
	node    *Node
	name    string
	address swim.Address
	half    audit.Half
	step    func(in any)         // applies one input to the core, performs the effects
	wait    func() time.Duration // until the core wants a tick
	tick    any

	alive   bool
	paused  bool
	backlog []any         // inputs that came while it was paused
	serving []*call       // whose answers are owed
	timers  uint64        // how many have been set
	timer   uint64        // number of the timer that is set; any other is stale
	wakes   time.Duration // when it goes off
	sending time.Duration // until when it is busy with requests that it has begun to send
}

// start opens the port and begins to tick.
func (p *process) start() {
	p.alive, p.paused = true, false
	p.world.ports[p.address] = p
	delete(p.world.dark, p.address)
	p.arm()
}

// kill ends the process at once. Its kernel resets the connections, and refuses new ones.
func (p *process) kill() {
	if !p.alive {
		return
	}
	p.alive, p.backlog = false, nil
	if p.world.ports[p.address] == p {
		delete(p.world.ports, p.address)
	}
	p.world.observe(audit.Ended{Node: p.node.Name, Half: p.half})
	p.world.breakConnections(p)
	for _, c := range p.serving {
		p.world.after(p.world.latency(), func() { c.reset() })
	}
	p.serving = nil
}

// transmit sends a request when those before it are out. A process that ends sends nothing
// of what still waits.
func (p *process) transmit(send func()) {
	w := p.world
	if w.Network.SendCost == 0 {
		send()
		return
	}
	p.sending = max(p.sending, w.now) + w.Network.SendCost
	w.after(p.sending-w.now, func() {
		if p.alive {
			send()
		}
	})
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

// arm sets the timer to the core's deadline. One that goes off sooner is left: it looks
// again then, so that a deadline which moves with every input costs nothing.
func (p *process) arm() {
	wait := p.wait()
	if p.timer != 0 && p.wakes <= p.world.now+wait {
		return
	}
	p.timers++
	number := p.timers
	p.timer, p.wakes = number, p.world.now+max(wait, 0)
	p.world.after(wait, func() {
		if p.timer != number {
			return
		}
		p.timer = 0
		if p.alive && !p.paused && p.wait() > 0 {
			p.arm()
		} else {
			p.deliver(p.tick)
		}
	})
}

// Pause stops the process where it stands (SIGSTOP).
func (p *process) Pause() {
	if p.alive && !p.paused {
		p.paused = true
		p.world.observe(audit.Paused{Node: p.node.Name, Half: p.half})
	}
}

// Resume lets it go on, with all that came meanwhile.
func (p *process) Resume() {
	if !p.alive || !p.paused {
		return
	}
	p.paused = false
	p.world.observe(audit.Resumed{Node: p.node.Name, Half: p.half})
	backlog := p.backlog
	p.backlog = nil
	for _, in := range backlog {
		p.deliver(in)
	}
	if p.alive {
		p.arm()
	}
}
