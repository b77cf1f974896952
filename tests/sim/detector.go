package sim

import (
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// stopGrace is how long a detector that was asked to stop goes on answering pings.
const stopGrace = 3 * time.Second

// Detector is the detector's process.
type Detector struct {
	process
	core    *probe.Core
	started time.Duration
	calls   map[probe.Call]func(any)
	last    probe.Call
	// connections are those that it has opened, unused for longest first; keeps, which
	// addresses' stay open.
	connections []*connection
	keeps       map[swim.Address]bool
	// Pings counts the pings sent to each address.
	Pings map[swim.Address]int
}

func newDetector(n *Node, address swim.Address) *Detector {
	d := &Detector{Pings: map[swim.Address]int{}}
	d.process = process{
		world: n.world, node: n, name: string(n.Name) + " detector", address: address, tick: probe.Tick{}, half: audit.Detector,
	}
	d.step = func(in any) {
		for _, e := range d.core.Step(n.clock(d.started), in.(probe.Input)) {
			d.perform(e)
		}
	}
	d.wait = func() time.Duration { return d.core.Deadline() - (n.mono() - d.started) }
	return d
}

// Start runs a new process with a new core.
func (d *Detector) Start() {
	n := d.node
	d.started, d.calls = n.mono(), map[probe.Call]func(any){}
	d.connections, d.keeps = nil, map[swim.Address]bool{}
	d.core = probe.New(probe.Config{
		Self: n.ID, ProbeInterval: Period, ProbeTimeout: Period / 2, IndirectProbes: 3, Order: n.options.Order,
		Share: n.world.share,
	}, n.newRand(), n.clock(d.started))
	n.world.observe(audit.Started{Node: n.Name, ID: n.ID, Half: audit.Detector})
	d.process.start()
	n.connect()
}

// Kill ends the process at once.
func (d *Detector) Kill() {
	d.kill()
	d.node.disconnect("connection reset")
}

// Stop asks the process to stop in order.
func (d *Detector) Stop() {
	d.world.observe(audit.AskedToStop{Node: d.node.Name})
	d.deliver(probe.Stopping{})
	d.world.after(stopGrace, func() {
		if d.alive {
			d.Kill()
		}
	})
}

func (d *Detector) perform(e probe.Effect) {
	w, n := d.world, d.node
	switch e := e.(type) {
	case probe.Ping:
		if e.Keep {
			d.keep(e.Address, true)
		}
		d.ping(e)
	case probe.LetGo:
		d.keep(e.Address, false)
	case probe.Knock:
		w.knock(&d.process, e.Address, e.Timeout, func(evidence swim.Evidence) {
			d.deliver(probe.KnockEnded{Number: e.Number, Evidence: evidence})
		})
	case probe.IndirectPing:
		d.indirectPing(e)
	case probe.AnswerPing:
		d.answer(e.Call, e)
	case probe.AnswerIndirectPing:
		d.answer(e.Call, e)
	case probe.ReportPingMissed:
		n.toDisseminator(membership.PingMissed{
			Target: e.Target.ID, Incarnation: e.Target.Incarnation, Instance: e.Target.Instance, Trace: e.Trace,
		})
	case probe.ReportHeard:
		n.toDisseminator(membership.SuspectHeard{
			Suspect: e.Suspect.ID, Incarnation: e.Suspect.Incarnation, Instance: e.Suspect.Instance, Trace: e.Trace,
		})
	case probe.ReportViewsDiffer:
		n.toDisseminator(membership.ViewsDiffer{Peer: e.Peer, Trace: e.Trace})
	case probe.ReportUnreachable:
		n.toDisseminator(membership.TargetUnreachable{
			Target: e.Target.ID, Incarnation: e.Target.Incarnation, Instance: e.Target.Instance, Paths: e.Paths,
			CrashSeen: e.CrashSeen, Trace: e.Trace,
		})
	case probe.ReportReached:
		n.toDisseminator(membership.ContactReached{Address: e.Address, Responder: e.Responder, Trace: e.Trace})
	case probe.ReportMissed:
		n.toDisseminator(membership.ContactMissed{Address: e.Address, Evidence: e.Evidence})
	case probe.SendLease:
		n.toDisseminator(membership.LeaseReceived{Stopping: e.Stopping, Unwell: e.Unwell})
	case probe.Event:
		w.count(detectorEvents[e.Kind], d.name, string(e.Member), string(e.Address), e.Detail)
	}
}

func (d *Detector) ping(e probe.Ping) {
	d.Pings[e.Address]++
	var c *call
	c = &call{from: &d.process, kind: "ping", timeout: e.Timeout, lateFor: e.LateFor, waitForReady: true, ended: func(evidence swim.Evidence, answer any) {
		in := probe.PingEnded{Number: e.Number, Evidence: evidence}
		if a, ok := answer.(probe.AnswerPing); ok {
			in.Connection = d.connection(e.Address, c.reached)
			in.Responder, in.DisseminatorDown, in.Digest = a.Responder, a.DisseminatorDown, a.Digest
			if !a.IsAlive {
				in.Evidence = swim.WrongTarget
			}
		}
		d.deliver(in)
	}}
	d.world.send(c, e.Address, func(at *Node, reply func(any)) any {
		in := probe.PingReceived{
			Call: at.Detector.remember(reply), TargetID: e.Target, TargetInstance: e.Instance,
			Sender: d.node.ID, SenderInstance: e.SenderInstance, DisseminatorDown: e.DisseminatorDown, Digest: e.Digest,
		}
		if e.Target == "" {
			in.TargetAddress = e.Address
		}
		return in
	})
}

func (d *Detector) indirectPing(e probe.IndirectPing) {
	c := &call{from: &d.process, kind: "indirect ping", timeout: e.Timeout, waitForReady: true, ended: func(_ swim.Evidence, answer any) {
		in := probe.IndirectPingEnded{Number: e.Number, Proxy: e.Proxy.ID, Evidence: swim.None}
		if a, ok := answer.(probe.AnswerIndirectPing); ok {
			in.Evidence = a.Evidence
		}
		d.deliver(in)
	}}
	d.world.send(c, e.Proxy.DetectorAddress, func(at *Node, reply func(any)) any {
		return probe.IndirectPingReceived{
			Call: at.Detector.remember(reply), TargetID: e.Target, TargetInstance: e.Instance, Budget: e.Timeout, Trace: e.Trace,
		}
	})
}

// remember keeps the way back of a request until it is answered.
func (d *Detector) remember(reply func(any)) probe.Call {
	d.last++
	d.calls[d.last] = reply
	return d.last
}

func (d *Detector) answer(number probe.Call, answer any) {
	reply := d.calls[number]
	delete(d.calls, number)
	if reply != nil {
		reply(answer)
	}
}
