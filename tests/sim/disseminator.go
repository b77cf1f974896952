package sim

import (
	"math"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// Disseminator is the disseminator's process.
type Disseminator struct {
	process
	core     *membership.Core
	started  time.Duration
	calls    map[membership.Call]func(any)
	last     membership.Call
	instance swim.Instance
	joining  membership.CallNumber // of a node that is formed: the Join that is to be answered
	forming  bool                  // its answer is being taken in
	waiting  bool                  // failed again and again, it does not refute yet
	// History is every change since the node was prepared.
	History []Seen
	// Halted is why the process ended itself: "asked", or the conflict.
	Halted string
}

func newDisseminator(n *Node, address swim.Address) *Disseminator {
	s := &Disseminator{}
	s.process = process{
		world: n.world, node: n, name: string(n.Name) + " disseminator", address: address, tick: membership.Tick{}, half: audit.Disseminator,
	}
	s.step = func(in any) {
		s.observe(in)
		for _, e := range s.core.Step(n.clock(s.started), in.(membership.Input)) {
			s.perform(e)
		}
	}
	s.wait = func() time.Duration { return s.core.Deadline() - (n.mono() - s.started) }
	return s
}

// Start runs a new process with a new core and a new instance.
func (s *Disseminator) Start() {
	n := s.node
	s.started, s.calls, s.Halted = n.mono(), map[membership.Call]func(any){}, ""
	bootstrap := append(n.addresses(n.options.Bootstrap, DisseminatorAddress), n.options.Through...)
	if n.options.Formed {
		bootstrap = []swim.Address{"formed:1"} // whom it would ask is answered by Form
	}
	s.core = membership.New(membership.Config{
		Self: swim.Member{
			ID: n.ID, DetectorAddress: n.advertised(n.Detector.address), DisseminatorAddress: n.advertised(s.address),
			Instance: swim.Instance(n.world.rng.Uint64() | 1), OwnAddress: !n.options.Forwarded, ProbeInterval: Period, Version: "sim",
		},
		Contacts:  n.addresses(n.options.Contacts, DetectorAddress),
		Bootstrap: bootstrap,

		PauseTolerance: time.Second, SuspicionMax: 4 * time.Second, PairGrace: 5 * time.Second,
		CrashVerdict: n.world.CrashVerdict, HeadsFrom: n.headsFrom(), Share: n.world.share,
	}, n.newRand(), n.clock(s.started))
	self := s.core.Snapshot().Self
	s.instance = self.Instance
	n.world.observe(audit.Started{Node: n.Name, ID: n.ID, Half: audit.Disseminator, Instance: self.Instance, Incarnation: self.Incarnation})
	s.process.start()
}

func (n *Node) isOld() bool { return n.world.Old != nil && n.world.Old(n.ID) }

func (n *Node) headsFrom() int {
	if n.isOld() {
		return math.MaxInt
	}
	return n.world.HeadsFrom
}

// know hands the core the table of a node through which it has joined. Its history begins
// then.
func (s *Disseminator) know(rows []swim.Member) {
	s.forming = true
	s.deliver(membership.JoinEnded{Number: s.joining, Members: rows})
	s.forming, s.History = false, nil
}

// Kill ends the process at once.
func (s *Disseminator) Kill() {
	s.awaitComeback(false)
	s.kill()
	s.node.disconnect("connection reset")
}

// Stop asks the process to stop in order.
func (s *Disseminator) Stop() {
	s.world.observe(audit.AskedToStop{Node: s.node.Name})
	s.deliver(membership.StopRequested{})
}

// Ask hands the core a request of an operator and returns where its answer will stand.
func (s *Disseminator) Ask(request func(membership.Call) membership.Input) *membership.AnswerOperator {
	answer := &membership.AnswerOperator{}
	s.deliver(request(s.remember(func(a any) { *answer = a.(membership.AnswerOperator) })))
	return answer
}

func (s *Disseminator) perform(e membership.Effect) {
	w, n := s.world, s.node
	switch e := e.(type) {
	case membership.Disseminate:
		s.disseminate(e)
	case membership.Knock:
		w.knock(&s.process, e.Address, e.Timeout, func(evidence swim.Evidence) {
			s.deliver(membership.KnockEnded{Number: e.Number, Evidence: evidence})
		})
	case membership.Sync:
		s.sync(e)
	case membership.Join:
		s.join(e)
	case membership.AnswerNews:
		s.answer(e.Call, e)
	case membership.AnswerBareAccusation:
		s.answer(e.Call, e)
	case membership.AnswerJoin:
		s.answer(e.Call, e)
	case membership.AnswerSync:
		s.answer(e.Call, e)
	case membership.AnswerOperator:
		s.answer(e.Call, e)
	case membership.Publish:
		if !s.forming {
			s.History = append(s.History, Seen{At: w.now, Change: e.Change})
		}
		w.observe(audit.Published{
			Observer: n.Name, Instance: s.instance, Revision: e.Change.Revision,
			Member: e.Change.Member, Previous: e.Change.Previous, Removed: e.Change.Removed,
		})
		n.toDetector(probe.ViewChanged{Member: e.Change.Member, Removed: e.Change.Removed})
	case membership.Heartbeat:
		n.toDetector(probe.HeartbeatReceived{LeaseRequested: e.LeaseRequested, ProbeRequested: e.ProbeRequested})
	case membership.Halt:
		if s.Halted = e.Why; e.Why == "" {
			s.Halted = "asked"
		}
		w.log(s.name, "halts: %s", s.Halted)
		s.Kill()
		if e.Why != "" { // its detector ends with it, see package daemon
			n.Detector.Kill()
		}
	case membership.Event:
		switch e.Kind {
		case membership.ComebackDelayed:
			s.awaitComeback(true)
		case membership.RefutedMyself:
			s.awaitComeback(false)
		}
		w.count(disseminatorEvents[e.Kind], s.name, string(e.Member), e.Detail)
	}
}

// longestWait is how long a node may wait at the most before it refutes.
const longestWait = 2 * time.Minute

// awaitComeback tells the auditor while the node does not speak for itself: the others are
// right about it then.
func (s *Disseminator) awaitComeback(waiting bool) {
	switch {
	case waiting && !s.waiting:
		s.world.observe(audit.Disturbed{Node: s.node.Name})
		s.world.after(longestWait, func() { s.awaitComeback(false) })
	case !waiting && s.waiting:
		s.world.observe(audit.Calmed{Node: s.node.Name})
	}
	s.waiting = waiting
}

// observe shows the auditor what the core is told of others.
func (s *Disseminator) observe(in any) {
	told := audit.Told{Node: s.node.Name}
	switch in := in.(type) {
	case membership.NewsReceived:
		if s.world.Serving != nil && in.Serve != nil {
			s.world.Serving(s.node)
		}
		told.By, told.Members, told.Confirmations = in.Sender, in.Members, in.Confirmations
	case membership.SyncReceived:
		told.By, told.Members = in.Sender.ID, in.Members
	case membership.SyncEnded:
		told.By, told.Members = in.Responder.ID, in.Newer
	case membership.NewsEnded:
		told.Members = in.Newer
	default:
		return
	}
	s.world.observe(told)
}

func (s *Disseminator) disseminate(e membership.Disseminate) {
	c := &call{from: &s.process, kind: "disseminate", timeout: e.Timeout, ended: func(evidence swim.Evidence, answer any) {
		in := membership.NewsEnded{Number: e.Number, Evidence: evidence}
		if a, ok := answer.(membership.AnswerNews); ok {
			in.Newer, in.DetectorDown, in.Unwell, in.Served = a.Newer, a.DetectorDown, a.Unwell, a.Served
			in.ResponderID, in.ResponderInstance = a.ResponderID, a.ResponderInstance
		}
		s.deliver(in)
	}}
	s.world.send(c, e.To.DisseminatorAddress, func(at *Node, reply func(any)) any {
		in := membership.NewsReceived{
			Call: at.Disseminator.remember(reply), Sender: s.node.ID, Members: e.Members, Confirmations: e.Confirmations,
			Accusation: e.Accusation, Serve: e.Serve, Trace: e.Trace,
		}
		if at.isOld() {
			in.Serve = nil
		}
		return in
	})
}

func (s *Disseminator) sync(e membership.Sync) {
	c := &call{from: &s.process, kind: "sync", timeout: e.Timeout, ended: func(evidence swim.Evidence, answer any) {
		in := membership.SyncEnded{Number: e.Number, Evidence: evidence}
		if a, ok := answer.(membership.AnswerSync); ok {
			in.Responder, in.Newer, in.Wanted = a.Responder, a.Newer, a.Wanted
		}
		s.deliver(in)
	}}
	s.world.send(c, e.Address, func(at *Node, reply func(any)) any {
		return membership.SyncReceived{
			Call: at.Disseminator.remember(reply), Sender: e.Sender,
			Summaries: e.Summaries, Range: e.Range, Members: e.Members, Trace: e.Trace,
		}
	})
}

func (s *Disseminator) join(e membership.Join) {
	if s.node.options.Formed {
		s.joining = e.Number
		return
	}
	c := &call{from: &s.process, kind: "join", timeout: e.Timeout, ended: func(evidence swim.Evidence, answer any) {
		in := membership.JoinEnded{Number: e.Number}
		if a, ok := answer.(membership.AnswerJoin); ok {
			in.Members, in.Why = a.Members, a.Refusal.Text
			in.Conflict = a.Refusal.Kind == membership.RefusedConflict
		} else {
			in.Why = evidence.String()
		}
		s.deliver(in)
	}}
	s.world.send(c, e.Address, func(at *Node, reply func(any)) any {
		return membership.JoinReceived{
			Call: at.Disseminator.remember(reply), Address: e.Member.DetectorAddress, Member: e.Member, Trace: e.Trace,
		}
	})
}

func (s *Disseminator) remember(reply func(any)) membership.Call {
	s.last++
	s.calls[s.last] = reply
	return s.last
}

func (s *Disseminator) answer(number membership.Call, answer any) {
	reply := s.calls[number]
	delete(s.calls, number)
	if reply != nil {
		reply(answer)
	}
}
