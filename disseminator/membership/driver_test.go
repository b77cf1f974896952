package membership_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// choices is a source of chance that a fuzzer can steer: every choice is one byte.
type choices []byte

// n returns a number below limit, 0 once the bytes are used up.
func (c *choices) n(limit int) int {
	if len(*c) == 0 {
		return 0
	}
	b := (*c)[0]
	*c = (*c)[1:]
	return int(b) % limit
}

func pick[T any](c *choices, from ...T) T { return from[c.n(len(from))] }

// outcome of a call that is out.
type outcome struct {
	due time.Duration // its time-out
	in  func(swim.Evidence, *choices) membership.Input
}

// driver feeds one core with inputs as a hostile world sends them, in a world so small
// that things collide.
type driver struct {
	choices choices
	core    *membership.Core
	auditor *auditor // nil: nobody watches
	now     time.Duration
	skew    time.Duration // of the wall clock, against now
	calls   membership.Call
	out     []outcome
	ended   []outcome // may be given back a second time
	known   []swim.Member
	prompt  bool // every call ends by its time-out, and once
	heads   bool // news goes through heads
	halted  bool
	log     []membership.Effect
}

func newDriver(data []byte, heads bool) *driver {
	d := &driver{choices: data, heads: heads}
	cfg := config("1")
	if heads {
		cfg.HeadsFrom = 1
	}
	for _, change := range pick(&d.choices,
		[]func(*membership.Config){contacts("1", "2", "3")},
		[]func(*membership.Config){bootstrap("2", "4")},
		[]func(*membership.Config){contacts("2", "4", "5"), bootstrap("3")},
		nil,
	) {
		change(&cfg)
	}
	d.core = membership.New(cfg, newRand(uint64(d.choices.n(256))), d.time())
	return d
}

// audited lets an auditor watch every step.
func (d *driver) audited() *driver {
	d.auditor = newAuditor(d.core.Snapshot())
	return d
}

func (d *driver) time() swim.Now {
	return swim.Now{Mono: d.now, Wall: wallStart.Add(d.now + d.skew)}
}

// play feeds inputs until the choices are used up, or the core has halted.
func (d *driver) play() error {
	for len(d.choices) > 0 && !d.halted {
		var err error
		switch d.choices.n(16) {
		case 0:
			err = d.advance(time.Duration(d.choices.n(256)) * 10 * time.Millisecond)
		case 1, 2:
			err = d.advance(d.core.Deadline() - d.now)
		case 3:
			d.skew += time.Duration(d.choices.n(256)-128) * time.Hour
			err = d.stall(time.Duration(d.choices.n(256)) * 50 * time.Millisecond)
		case 4, 5, 6, 7:
			err = d.endOne()
		default:
			err = d.step(d.input())
		}
		if err != nil {
			return err
		}
	}
	return d.rest()
}

// rest lets enough time pass for every request to be answered.
func (d *driver) rest() error {
	for range 10 {
		if err := d.advance(time.Second); err != nil {
			return err
		}
	}
	return nil
}

// stall is a pause of the process: no tick at any deadline.
func (d *driver) stall(gap time.Duration) error {
	if d.auditor != nil {
		d.auditor.paused += gap
	}
	return d.moveTo(d.now + gap)
}

// advance lets time pass as it does for a running process: a tick at each deadline.
func (d *driver) advance(by time.Duration) error {
	end := d.now + max(by, 0)
	for ticks := 0; d.core.Deadline() <= end && !d.halted; ticks++ {
		if next := d.core.Deadline(); next > d.now {
			ticks = 0
			if err := d.moveTo(next); err != nil {
				return err
			}
		}
		if ticks > 5 {
			return fmt.Errorf("the loop spins: at %s, after %d ticks, the deadline is still %s", d.now, ticks, d.core.Deadline())
		}
		if err := d.step(membership.Tick{}); err != nil {
			return err
		}
	}
	return d.moveTo(end)
}

// moveTo sets the clock, and ends the calls whose time is over if that is wanted.
func (d *driver) moveTo(now time.Duration) error {
	d.now = max(now, d.now)
	for d.prompt && !d.halted {
		i := slices.IndexFunc(d.out, func(o outcome) bool { return o.due <= d.now })
		if i < 0 {
			return nil
		}
		o := d.out[i]
		d.out = slices.Delete(d.out, i, i+1)
		if err := d.step(o.in(swim.Silent, &d.choices)); err != nil {
			return err
		}
	}
	return nil
}

// endOne gives the outcome of some call back: in time, late, or a second time.
func (d *driver) endOne() error {
	if len(d.ended) > 0 && !d.prompt && d.choices.n(8) == 0 {
		o := d.ended[d.choices.n(len(d.ended))]
		return d.step(o.in(pick(&d.choices, swim.Acked, swim.Silent), &d.choices))
	}
	if len(d.out) == 0 {
		return nil
	}
	i := d.choices.n(len(d.out))
	o := d.out[i]
	d.out = slices.Delete(d.out, i, i+1)
	d.ended = append(d.ended, o)
	return d.step(o.in(pick(&d.choices, swim.Acked, swim.Acked, swim.Acked, swim.Silent, swim.Refused), &d.choices))
}

// step applies one input and lets the auditor see all that comes of it.
func (d *driver) step(in membership.Input) error {
	effects := slices.Clone(d.core.Step(d.time(), in))
	d.log = append(d.log, effects...)
	for _, e := range effects {
		d.remember(e)
	}
	if d.auditor == nil {
		return nil
	}
	if err := d.auditor.check(d.now, in, effects, d.core.Snapshot()); err != nil {
		return fmt.Errorf("at %s, after %T %+v: %w", d.now, in, in, err)
	}
	return nil
}

// remember keeps what a call that goes out can end with.
func (d *driver) remember(e membership.Effect) {
	switch e := e.(type) {
	case membership.Disseminate:
		d.await(e.Timeout, func(evidence swim.Evidence, c *choices) membership.Input {
			in := membership.NewsEnded{Number: e.Number, Evidence: evidence}
			if evidence == swim.Acked {
				in.Newer, in.DetectorDown = d.members(c.n(3)), c.n(4) == 0
				in.Served = d.heads && c.n(2) == 0
			}
			return in
		})
	case membership.Sync:
		d.await(e.Timeout, func(evidence swim.Evidence, c *choices) membership.Input {
			in := membership.SyncEnded{Number: e.Number, Evidence: evidence}
			if evidence == swim.Acked {
				in.Responder, in.Newer = d.responderAt(e.Address), d.members(c.n(3))
				in.Wanted = []swim.NodeID{"1", "2", "6"}[:c.n(4)]
			}
			return in
		})
	case membership.Join:
		d.await(e.Timeout, func(evidence swim.Evidence, c *choices) membership.Input {
			if evidence != swim.Acked {
				return membership.JoinEnded{Number: e.Number, Why: evidence.String()}
			}
			if c.n(16) == 0 {
				return membership.JoinEnded{Number: e.Number, Why: "held", Conflict: true}
			}
			return membership.JoinEnded{Number: e.Number, Members: d.members(1 + c.n(3))}
		})
	case membership.Halt:
		d.halted = true
	}
}

func (d *driver) await(timeout time.Duration, in func(swim.Evidence, *choices) membership.Input) {
	d.out = append(d.out, outcome{due: d.now + timeout, in: in})
}
