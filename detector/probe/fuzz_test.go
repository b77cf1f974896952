package probe_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// FuzzStep plays arbitrary inputs, with time moving on and with stalls, to an audited core.
func FuzzStep(f *testing.F) {
	f.Add([]byte("\x00\x04\xaa\xaa\x07\x00\xff\x00\xff\x08\x00\x00\xff"))                     // rounds, an ack
	f.Add([]byte("\x03\x04\x55\x55\x00\x0b\x02\x20\x0b\x00\x10\x0a\x01\x00\xff\x03\x80\x00")) // proxy, stall
	f.Add([]byte("\x05\x0d\xc8\x00\xff\x0d\x05\x00\xff\x06\x01\x07\x00\x0c\xff\x00\xff"))     // contacts, stopping
	f.Add([]byte("\x02\x04\xff\xff\x07\x00\xc0\x05\x0a\x00\x30\x05\x12\x09\x01\x02\xff"))     // members change
	f.Fuzz(func(t *testing.T, script []byte) {
		script = script[:min(len(script), 300)] // longer ones take long and find nothing more
		first, again := play(t, script), play(t, script)
		if !reflect.DeepEqual(first, again) {
			t.Fatalf("got other effects for the same seed and inputs")
		}
	})
}

// The same with scripts from a seeded generator, so that plain `go test` covers a part of
// it: in particular that the deadline is in the future after each step, whatever came.
func TestTheDeadlineNeverStaysInThePast(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 2))
			script := make([]byte, 250)
			for i := range script {
				script[i] = byte(rng.Uint32())
			}
			play(t, script)
		})
	}
}

func TestTheSameSeedAndInputsGiveTheSameEffects(t *testing.T) {
	script := make([]byte, 1000)
	for i := range script {
		script[i] = byte(i * i / 7)
	}
	first, again := play(t, script), play(t, script)
	if !reflect.DeepEqual(first, again) {
		t.Errorf("got other effects for the same seed and inputs")
	}
	if len(first) < 100 {
		t.Errorf("got %d steps, want a script that does something", len(first))
	}
}

func TestAnotherSeedGivesAnotherOrder(t *testing.T) {
	orders := map[string]bool{}
	for seed := range uint64(10) {
		n := newNode(t, config(), seed)
		n.see(members(9)...)
		n.world = healthy()
		orders[string(join(targets(n.advance(9*period))))] = true
	}
	if len(orders) < 8 {
		t.Errorf("got %d orders for 10 seeds, want (nearly) all different", len(orders))
	}
}

// taken is one step of a play, for comparison.
type taken struct {
	at      time.Duration
	in      probe.Input
	effects []probe.Effect
}

// player turns a script of bytes into inputs.
type player struct {
	n      *node
	audit  *audit
	script []byte
	calls  probe.Call
}

func play(t testing.TB, script []byte) (steps []taken) {
	p := &player{script: script}
	cfg := p.config()
	p.n = newNode(t, cfg, uint64(p.byte()))
	p.n.world = dead
	p.audit = newAudit(t, p.n, cfg)
	check := p.n.after
	p.n.after = func(in probe.Input, effects []probe.Effect) {
		steps = append(steps, taken{p.n.now.Mono, in, effects})
		check(in, effects)
	}
	for len(p.script) > 0 {
		p.act(p.byte() % 14)
	}
	p.audit.finish()
	return steps
}

func (p *player) byte() byte {
	if len(p.script) == 0 {
		return 0
	}
	b := p.script[0]
	p.script = p.script[1:]
	return b
}

func (p *player) config() probe.Config {
	b := p.byte()
	cfg := config()
	cfg.IndirectProbes = int(b & 3)
	if b&4 != 0 {
		cfg.Order = probe.Random
	}
	if b&16 != 0 {
		cfg.Order = probe.Ring
	}
	if b&8 != 0 {
		cfg.ProbeInterval, cfg.ProbeTimeout = 40*time.Millisecond, 20*time.Millisecond
	}
	return cfg
}

func (p *player) act(op byte) {
	n := p.n
	switch op {
	case 0, 1, 2:
		n.advance(time.Duration(p.byte()) * 7 * time.Millisecond)
	case 3:
		stall := time.Duration(p.byte()) * 20 * time.Millisecond
		n.stall(stall)
		p.audit.stalled(stall)
	case 4:
		n.step(p.view())
	case 5:
		m, b := p.row(), p.byte()
		n.step(probe.ViewChanged{Member: m, Removed: b&7 == 0})
	case 6:
		h := probe.HeartbeatReceived{LeaseRequested: p.byte()&1 == 1}
		if p.byte()&1 == 1 {
			h.ProbeRequested = p.id()
		}
		n.step(h)
	case 7:
		n.step(probe.DisseminatorLost{Why: "reset"})
	case 8:
		p.answerEarly()
	case 9:
		p.staleOutcome()
	case 10:
		p.calls++
		n.step(probe.PingReceived{
			Call: p.calls, TargetID: p.id(), TargetAddress: p.address(), TargetInstance: p.instance(),
			Sender: p.id(), SenderInstance: p.instance(), DisseminatorDown: p.byte()&3 == 0, Digest: p.digest(),
		})
	case 11:
		p.calls++
		n.step(probe.IndirectPingReceived{
			Call: p.calls, TargetID: p.id(), TargetAddress: p.address(), TargetInstance: p.instance(),
			Budget: time.Duration(p.byte()) * 10 * time.Millisecond, Trace: swim.TraceID{1, byte(p.calls >> 8), byte(p.calls)},
		})
	case 12:
		if p.byte() >= 250 {
			n.step(probe.Stopping{})
		}
	case 13:
		n.step(probe.ViewReplaced{Members: append(manyContacts(int(p.byte())%100), member(me), member("2"))})
	}
}

// view has this node's row, up to eight members and up to three contacts.
func (p *player) view() probe.ViewReplaced {
	states := []swim.State{0, swim.Alive, swim.Suspect, swim.Failed}
	all := []swim.Member{member(me)}
	for i := range 2 {
		for b, j := p.byte(), 0; j < 4; b, j = b>>2, j+1 {
			if state := states[b&3]; state != 0 {
				all = append(all, in(member(swim.NodeID(fmt.Sprint(2+4*i+j))), state))
			}
		}
	}
	for b, j := p.byte(), 0; j < 3; b, j = b>>1, j+1 {
		if b&1 == 1 {
			all = append(all, contact(contactAddress(j)))
		}
	}
	return probe.ViewReplaced{Members: all}
}

// row is any one row, this node's own included.
func (p *player) row() swim.Member {
	states := []swim.State{swim.Alive, swim.Alive, swim.Suspect, swim.Failed, swim.Left, swim.Forgotten, swim.Contact}
	b := p.byte()
	state := states[int(b>>4)%len(states)]
	if state == swim.Contact {
		return contact(contactAddress(int(b & 15)))
	}
	m := in(member(swim.NodeID(fmt.Sprint(1+b&7))), state)
	if b&8 != 0 {
		m.Instance, m.Incarnation = 99, 8
	}
	if state == swim.Suspect {
		m.Accuser = swim.NodeID(fmt.Sprint(1 + p.byte()&3))
		m.Reason = []swim.Reason{swim.Unreachable, swim.Unreachable, swim.DetectorDown, swim.DisseminatorDown}[p.byte()&3]
	}
	return m
}

func (p *player) digest() swim.Digest {
	return swim.Digest{Hash: uint64(p.byte() & 3), Age: time.Duration(p.byte()) * 20 * time.Millisecond}
}

func (p *player) id() swim.NodeID {
	if b := p.byte() % 10; b > 0 {
		return swim.NodeID(fmt.Sprint(b))
	}
	return ""
}

func (p *player) address() swim.Address {
	switch b := p.byte() % 12; b {
	case 0:
		return ""
	case 1:
		return "stranger:1"
	case 2:
		return contactAddress(0)
	default:
		return member(swim.NodeID(fmt.Sprint(b - 2))).DetectorAddress
	}
}

func (p *player) instance() swim.Instance { return []swim.Instance{0, 0, 99, 0x31}[p.byte()&3] }

// answerEarly ends one of the pings that are out, before its time-out.
func (p *player) answerEarly() {
	which, how := int(p.byte()), p.byte()
	if len(p.n.pending) == 0 {
		return
	}
	which %= len(p.n.pending)
	outcome := p.n.pending[which].in
	p.n.pending = slices.Delete(p.n.pending, which, which+1)
	evidence := swim.Evidence(1 + how%6)
	switch o := outcome.(type) {
	case probe.PingEnded:
		responders := []swim.Member{{}, member("2"), member("3"), member(me), {ID: "2", Instance: 99}}
		o.Evidence, o.Responder = evidence, responders[int(how/6)%len(responders)]
		o.DisseminatorDown, o.Digest = p.byte()&7 == 0, p.digest()
		if how >= 128 {
			o.Responder = swim.Member{ID: p.audit.ping.Target, Instance: p.audit.ping.Instance}
		}
		p.n.step(o)
	case probe.IndirectPingEnded:
		o.Evidence = evidence
		p.n.step(o)
	}
}

// staleOutcome is one that nobody waits for any more, or not yet.
func (p *player) staleOutcome() {
	number := p.audit.last + 1 + probe.PingNumber(p.byte())
	if b := probe.PingNumber(p.byte()); b&1 == 0 && p.audit.ping.Number > 1+b {
		number = p.audit.ping.Number - 1 - b
	}
	if p.outOrKnown(number) {
		return
	}
	evidence := swim.Evidence(1 + p.byte()%6)
	p.n.step(probe.PingEnded{Number: number, Evidence: evidence, Responder: member("2")})
	p.n.step(probe.IndirectPingEnded{Number: number, Proxy: "2", Evidence: evidence})
}

func (p *player) outOrKnown(number probe.PingNumber) bool {
	return slices.ContainsFunc(p.n.pending, func(a arrival) bool {
		switch in := a.in.(type) {
		case probe.PingEnded:
			return in.Number == number
		case probe.IndirectPingEnded:
			return in.Number == number
		}
		return false
	})
}
