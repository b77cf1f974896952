package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// patience is how long a cluster may take to say what it should, and to agree again afterwards.
// Beyond that it counts as never; the peers have been seen to need 110 s for the last pair of a
// join.
const patience = 2 * time.Minute

// restBefore is how long nothing is said before a fault.
const restBefore = 2 * time.Second

// errUnsettled: the cluster does not agree again, and cannot be used any more.
var errUnsettled = errors.New("the cluster does not come to an agreement again")

// player plays faults to one cluster.
type player struct {
	*group
	cfg  Config
	rng  *rand.Rand
	deck []*node // who has not been drawn yet
}

// draw so many different nodes, and nobody a second time before all had their turn: who was
// faulted a moment ago is remembered for it. Never node 1 if there are several, so that those
// who start again find somebody to join through.
func (p *player) draw(count int) (nodes []*node) {
	from := p.nodes
	if count > 1 {
		from = from[1:]
	}
	p.deck = without(p.deck, without(p.deck, from))
	if len(p.deck) < count {
		p.deck = slices.Clone(from)
		p.rng.Shuffle(len(p.deck), func(i, j int) { p.deck[i], p.deck[j] = p.deck[j], p.deck[i] })
	}
	nodes, p.deck = p.deck[:count:count], p.deck[count:]
	return nodes
}

// detect plays a fault that observers find out, repeatedly, and returns its result. After a
// kill there is a second one: how long it takes until the node is back.
func (p *player) detect(ctx context.Context, f fault) ([]Result, error) {
	result := Result{System: p.system, Fault: f.name, Nodes: len(p.nodes), Repetitions: p.cfg.Kills}
	back := Result{System: p.system, Fault: restart, Nodes: len(p.nodes), Repetitions: p.cfg.Kills}
	if f.share {
		result.Repetitions = p.cfg.Rounds
	}
	for i := range result.Repetitions {
		if err := p.strike(ctx, f, i, &result, &back); err != nil {
			return []Result{result}, err
		}
	}
	if f.name != "kill" {
		return []Result{result}, nil
	}
	return []Result{result, back}, nil
}

// strike once, wait until all others say so, cure it, and wait until all is well again.
func (p *player) strike(ctx context.Context, f fault, repetition int, result, back *Result) error {
	victims := p.victims(f)
	hit, says := f.hits(victims, repetition)
	observers := without(p.nodes, victims)
	mark := p.mark()
	before, err := loadOf(processes(observers...))
	if err != nil {
		return err
	}
	told := p.tally(ids(observers...), ids(victims...), says)
	at, err := signal(f.signal, hit...)
	if err != nil {
		return err
	}
	complete, err := p.collect(ctx, told, at, result)
	if err != nil {
		return err
	}
	if complete {
		after, err := loadOf(processes(observers...))
		if err != nil {
			return err
		}
		result.Costs = append(result.Costs, after.since(before, len(observers)))
	}
	err = p.cure(ctx, f, victims, hit, back)
	result.Wrong += f.wrong(p.since(mark), victims)
	return err
}

func (p *player) victims(f fault) []*node {
	if f.share {
		return p.draw((len(p.nodes) + 2) / 3)
	}
	return p.draw(1)
}

// collect what a tally waits for, and tell whether it came in time. If not, that is a part of
// the result.
func (p *player) collect(ctx context.Context, told *tally, at time.Time, result *Result) (complete bool, err error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	times, err := told.wait(limited, at)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		result.Missing = append(result.Missing, err.Error())
		return false, nil
	}
	result.Spreads = append(result.Spreads, spread(times))
	return true, nil
}

// cure what was done, and wait until all is well again. How long that takes after a kill goes
// into back.
func (p *player) cure(ctx context.Context, f fault, victims []*node, hit []*cluster.Process, back *Result) error {
	var err error
	switch {
	case f.signal == syscall.SIGSTOP:
		_, err = signal(syscall.SIGCONT, hit...)
	case f.name == "kill":
		err = p.bringBack(ctx, victims, back)
	default:
		err = errors.Join(ended(hit...), p.start(victims...))
	}
	if err != nil {
		return err
	}
	return p.well(ctx)
}

// bringBack nodes that have been told to end: how long until all others say that they are
// alive, and they of all others?
func (p *player) bringBack(ctx context.Context, nodes []*node, result *Result) error {
	if err := ended(processes(nodes...)...); err != nil {
		return err
	}
	for _, n := range nodes {
		p.forget(n.id)
	}
	told := p.tally(ids(p.nodes...), ids(p.nodes...), isAlive)
	at := time.Now()
	if err := p.start(nodes...); err != nil {
		return err
	}
	_, err := p.collect(ctx, told, at, result)
	return err
}

// well waits until the cluster agrees again, and has been at rest for a moment: a fault within
// milliseconds of a restart is another experiment.
func (p *player) well(ctx context.Context) error {
	err := p.settle(ctx, p.nodes)
	if err == nil {
		err = p.quiet(ctx, restBefore)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", errUnsettled, err)
	}
	return err
}
