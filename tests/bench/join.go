package bench

import (
	"context"
	"time"
)

// joins starts whole clusters at once, all nodes through the same few.
func (b *benchmark) joins(ctx context.Context, system string) error {
	result := Result{System: system, Fault: join, Nodes: b.Together, Repetitions: b.Joins}
	for range b.Joins {
		if err := b.join(ctx, system, &result); err != nil {
			return err
		}
	}
	b.report.Results = append(b.report.Results, result)
	b.say("%s", result)
	return nil
}

// join once: how long after the last process runs does each node know all others?
func (b *benchmark) join(ctx context.Context, system string, result *Result) error {
	g, err := b.prepared(system, b.Together)
	if err != nil {
		return err
	}
	defer g.close() // all are killed; how they end is not of interest here
	all := ids(g.nodes...)
	told := g.tally(all, all, isAlive)
	if err := g.start(g.nodes...); err != nil {
		return err
	}
	p := &player{group: g, cfg: b.Config, rng: b.rng}
	if _, err := p.collect(ctx, told, time.Now(), result); err != nil {
		return err
	}
	result.count(g.since(0), nil)
	return nil
}
