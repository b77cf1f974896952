package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// seedCount is through how many nodes the others join, in every system.
const seedCount = 3

// launcher starts nodes of one system. What they say goes to the board.
type launcher interface {
	// node describes a node that joins through the seeds, and begins to watch it.
	node(id int, seeds []int) ([]*cluster.Process, error)
	// close ends the watching; the processes have ended before.
	close() error
}

// node is what stands and falls together: two processes of ours, one of the others.
type node struct {
	id        int
	processes []*cluster.Process
}

// teller is the process that says what the node knows: of ours, the disseminator.
func (n *node) teller() *cluster.Process { return n.processes[len(n.processes)-1] }

// group is a cluster of one system.
type group struct {
	*board
	launcher
	system string
	nodes  []*node // node id at id-1
}

// newGroup describes nodes 1 to n; none runs yet.
func newGroup(system string, n int, b *board, l launcher) (*group, error) {
	g := &group{board: b, launcher: l, system: system}
	for id := 1; id <= n; id++ {
		processes, err := l.node(id, seeds(id, n))
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		g.nodes = append(g.nodes, &node{id: id, processes: processes})
	}
	return g, nil
}

// seeds of a node are the first few others.
func seeds(id, n int) (all []int) {
	for seed := 1; seed <= min(seedCount, n); seed++ {
		if seed != id {
			all = append(all, seed)
		}
	}
	return all
}

// start what does not run of the nodes.
func (g *group) start(nodes ...*node) error {
	for _, n := range nodes {
		if n.teller().PID() == 0 {
			g.forget(n.id)
		}
		for _, p := range n.processes {
			if p.PID() != 0 {
				continue // the half that lives on
			}
			if err := p.Start(); err != nil {
				return err
			}
		}
	}
	return nil
}

// signal processes, one right after the other, and return the time just before the first.
func signal(s syscall.Signal, processes ...*cluster.Process) (time.Time, error) {
	at := time.Now()
	var errs []error
	for _, p := range processes {
		errs = append(errs, p.Signal(s))
	}
	return at, errors.Join(errs...)
}

// endTime is what a process gets to end after it was told to; the peers' goodbyes take up to
// three seconds.
const endTime = 10 * time.Second

// ended waits for the end of processes that have been told to end, and kills those that do
// not obey. It repeats no signal: a second one means hurry to some.
func ended(processes ...*cluster.Process) error {
	timer := time.NewTimer(endTime)
	defer timer.Stop()
	for _, p := range processes {
		select {
		case <-p.Done():
		case <-timer.C:
			return errors.Join(kill(processes...), fmt.Errorf("%s did not end within %s and was killed", p.Name, endTime))
		}
	}
	return nil
}

// kill processes at once, and wait for their end.
func kill(processes ...*cluster.Process) error {
	_, err := signal(syscall.SIGKILL, processes...)
	for _, p := range processes {
		err = errors.Join(err, p.Kill())
	}
	return err
}

// close ends everything, without goodbyes.
func (g *group) close() error {
	return errors.Join(kill(processes(g.nodes...)...), g.launcher.close())
}

// batch is how many nodes start at once where that is not what is measured: what a hundred do
// at once is another experiment.
const batch = 10

// raise all nodes, each batch as soon as the one before agrees.
func (g *group) raise(ctx context.Context) error {
	for end := batch; ; end += batch {
		started := g.nodes[:min(end, len(g.nodes))]
		if err := g.start(started...); err != nil {
			return err
		}
		if err := g.settle(ctx, started); err != nil {
			return err
		}
		if len(started) == len(g.nodes) {
			return nil
		}
	}
}

// settle waits until the nodes, which all run, say of each other that they are alive.
func (g *group) settle(ctx context.Context, nodes []*node) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := g.agreed(limited, ids(nodes...))
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	n := len(nodes)
	return fmt.Errorf("after %s %d of %d views of another node are not alive", patience, g.dissent(ids(nodes...)), n*(n-1))
}

func processes(nodes ...*node) (all []*cluster.Process) {
	for _, n := range nodes {
		all = append(all, n.processes...)
	}
	return all
}

func ids(nodes ...*node) (all []int) {
	for _, n := range nodes {
		all = append(all, n.id)
	}
	return all
}

// without returns the nodes that are none of the others.
func without(nodes, others []*node) []*node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n *node) bool { return slices.Contains(others, n) })
}
