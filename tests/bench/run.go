package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// launchers of the systems. Each cluster has a loopback network of its own.
var launchers = map[string]func(cfg Config, network byte, b *board) (launcher, error){
	Ours: newOurs, Memberlist: newMemberlist, Serf: newSerf,
}

// The loopback networks 127.0.x are taken in turn, so that no cluster waits for the ports of
// the one before.
const firstNetwork, networks = 200, 50

// benchmark is a run: its configuration and what it has found so far.
type benchmark struct {
	Config
	report   Report
	rng      *rand.Rand
	clusters int // so far
}

// Run everything that the configuration asks for. A system that does not work is left out, and
// the report says why. On an error it returns what it has.
func Run(ctx context.Context, cfg Config) (Report, error) {
	b := &benchmark{Config: cfg, rng: rand.New(rand.NewPCG(cfg.Seed, 0))}
	before := machineNow()
	err := b.all(ctx)
	b.report.Others = machineNow().others(before)
	return b.report, err
}

// all sizes and systems, then the joins, which have a size of their own.
func (b *benchmark) all(ctx context.Context) error {
	for _, n := range b.Sizes {
		for _, system := range Systems {
			if err := b.attempt(ctx, system, func() error { return b.one(ctx, system, n) }); err != nil {
				return err
			}
		}
	}
	if slices.Contains(b.Faults, join) {
		for _, system := range Systems {
			if err := b.attempt(ctx, system, func() error { return b.joins(ctx, system) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// attempt something with a system that was asked for. Only the end of the context ends the run.
func (b *benchmark) attempt(ctx context.Context, system string, do func() error) error {
	if !slices.Contains(b.Systems, system) {
		return nil
	}
	err := do()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		absent := fmt.Sprintf("%s: %v", system, err)
		if !slices.Contains(b.report.Absent, absent) {
			b.say("LEFT OUT  %s", absent)
			b.report.Absent = append(b.report.Absent, absent)
		}
	}
	return nil
}

// one system at one size: rest, then each fault. A cluster that has come apart is replaced.
func (b *benchmark) one(ctx context.Context, system string, n int) error {
	rested := false
	faults := b.chosen(system)
	for attempts := len(faults) + 1; attempts > 0; attempts-- {
		g, err := b.running(ctx, system, n)
		if err != nil {
			return err
		}
		if !rested {
			err = b.rest(ctx, g)
			rested = true
		}
		for err == nil && len(faults) > 0 {
			play := faults[0]
			faults = faults[1:]
			err = b.play(ctx, g, play)
		}
		err = errors.Join(err, g.close())
		if !errors.Is(err, errUnsettled) {
			return err
		}
		b.say("%s n=%d: %v; a new cluster goes on", system, n, err)
	}
	return nil
}

// running is a new cluster that has settled.
func (b *benchmark) running(ctx context.Context, system string, n int) (*group, error) {
	g, err := b.prepared(system, n)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := g.raise(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%d nodes did not come to an agreement at their start: %w", n, err), g.close())
	}
	b.say("%-10s n=%-3d runs, after %s s, started %d at a time", system, n, seconds(time.Since(begin)), batch)
	return g, nil
}

// prepared is a cluster of which nothing runs.
func (b *benchmark) prepared(system string, n int) (*group, error) {
	board := newBoard(n)
	network := byte(firstNetwork + b.clusters%networks)
	b.clusters++
	l, err := launchers[system](b.Config, network, board)
	if err != nil {
		return nil, err
	}
	return newGroup(system, n, board, l)
}

// watched is a launcher whose nodes do something for who watches them.
type watched interface {
	unwatch()
	watch(ctx context.Context) error
}

// rest measures a cluster that nobody watches, and one with a watcher on each node where that
// makes a difference.
func (b *benchmark) rest(ctx context.Context, g *group) error {
	w, costs := g.launcher.(watched)
	if !costs {
		return b.measure(ctx, g, false)
	}
	if err := b.measure(ctx, g, true); err != nil {
		return err
	}
	w.unwatch()
	if err := b.measure(ctx, g, false); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.watch(ctx)
}

func (b *benchmark) measure(ctx context.Context, g *group, watched bool) error {
	r, err := g.rest(ctx, b.Rest)
	if err != nil {
		return err
	}
	r.Watched = watched
	b.report.Rests = append(b.report.Rests, r)
	b.say("%s", r)
	return nil
}

// play is one fault, in as many repetitions as it has.
type play func(ctx context.Context, p *player) ([]Result, error)

func (b *benchmark) play(ctx context.Context, g *group, play play) error {
	results, err := play(ctx, &player{group: g, cfg: b.Config, rng: b.rng})
	for _, r := range results {
		if err != nil {
			r.Missing = append(r.Missing, err.Error())
		}
		b.report.Results = append(b.report.Results, r)
		b.say("%s", r)
	}
	return err
}

// chosen are the faults that were asked for and can be done to the system.
func (b *benchmark) chosen(system string) (plays []play) {
	for _, f := range detected {
		if slices.Contains(b.Faults, f.name) && (!f.half || system == Ours) {
			plays = append(plays, func(ctx context.Context, p *player) ([]Result, error) { return p.detect(ctx, f) })
		}
	}
	for _, other := range []struct {
		name string
		play func(*player, context.Context) (Result, error)
	}{{rolling, (*player).roll}, {pause, (*player).pauses}, {starve, (*player).starvation}} {
		if slices.Contains(b.Faults, other.name) {
			plays = append(plays, func(ctx context.Context, p *player) ([]Result, error) {
				r, err := other.play(p, ctx)
				return []Result{r}, err
			})
		}
	}
	return plays
}
