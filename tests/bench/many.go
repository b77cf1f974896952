package bench

import (
	"context"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A pause is shorter than what every system forgives. Nodes that are starved run so little that
// they answer late and hold healthy ones for silent, as in Lifeguard's interval experiment.
const (
	pauseLength   = 900 * time.Millisecond
	starveStopped = 2 * time.Second
	starveRunning = 200 * time.Millisecond
	// aftermath is how long a verdict may still come.
	aftermath = 3 * time.Second
	// rollingMost bounds a rolling restart of a large cluster.
	rollingMost = 20
)

// pauses freezes single nodes for a moment; nobody may fail them, or anybody.
func (p *player) pauses(ctx context.Context) (Result, error) {
	result := Result{System: p.system, Fault: pause, Nodes: len(p.nodes)}
	for range p.cfg.Kills {
		mark, frozen := p.mark(), p.draw(1)
		if err := p.freeze(ctx, frozen[0], pauseLength); err != nil {
			return result, err
		}
		if err := p.consequences(ctx, mark, frozen, &result); err != nil {
			return result, err
		}
	}
	return result, nil
}

// consequences of what was done to nodes that live: waits for late verdicts and until all is
// well, and counts.
func (p *player) consequences(ctx context.Context, mark int, faulted []*node, result *Result) error {
	if err := pass(ctx, aftermath); err != nil {
		return err
	}
	err := p.well(ctx)
	result.count(p.since(mark), faulted)
	result.Repetitions++
	return err
}

// freeze a node for a while. It runs again afterwards, whatever comes.
func (p *player) freeze(ctx context.Context, n *node, length time.Duration) error {
	if _, err := signal(syscall.SIGSTOP, n.processes...); err != nil {
		return err
	}
	passed := pass(ctx, length)
	if _, err := signal(syscall.SIGCONT, n.processes...); err != nil {
		return err
	}
	return passed
}

// count the verdicts: about nodes that were faulted but live, and about all others.
func (r *Result) count(events []event, faulted []*node) {
	for _, e := range events {
		switch {
		case !isFailed(e) && !isLeft(e):
		case slices.Contains(ids(faulted...), e.member):
			r.Faulted++
		default:
			r.Wrong++
		}
	}
}

// starvation gives an eighth of the nodes next to no CPU, each in its own rhythm.
func (p *player) starvation(ctx context.Context) (Result, error) {
	result := Result{System: p.system, Fault: starve, Nodes: len(p.nodes)}
	for range p.cfg.Rounds {
		mark, starved := p.mark(), p.draw(max(1, len(p.nodes)/8))
		if err := p.starve(ctx, starved); err != nil {
			return result, err
		}
		if err := p.consequences(ctx, mark, starved, &result); err != nil {
			return result, err
		}
	}
	return result, nil
}

func (p *player) starve(ctx context.Context, nodes []*node) error {
	end := time.Now().Add(p.cfg.Starve)
	errs := make(chan error, len(nodes))
	var wg sync.WaitGroup
	for _, n := range nodes {
		phase := time.Duration(p.rng.Int64N(int64(starveStopped)))
		wg.Go(func() {
			err := pass(ctx, phase)
			for err == nil && time.Now().Before(end) {
				if err = p.freeze(ctx, n, starveStopped); err == nil {
					err = pass(ctx, starveRunning)
				}
			}
			errs <- err
		})
	}
	wg.Wait()
	for range nodes {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// roll restarts one node after the other, each as soon as the one before is back.
func (p *player) roll(ctx context.Context) (Result, error) {
	nodes := p.nodes[:min(len(p.nodes), rollingMost)]
	result := Result{System: p.system, Fault: rolling, Nodes: len(p.nodes), Repetitions: len(nodes)}
	goodbye := fault{signal: syscall.SIGTERM}
	for _, n := range nodes {
		mark := p.mark()
		if _, err := signal(syscall.SIGTERM, n.processes...); err != nil {
			return result, err
		}
		err := p.bringBack(ctx, []*node{n}, &result)
		result.Wrong += goodbye.wrong(p.since(mark), []*node{n})
		if err != nil {
			return result, err
		}
	}
	return result, p.well(ctx)
}
