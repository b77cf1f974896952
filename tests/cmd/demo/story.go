package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

// stepTime is what each step may take before it counts as not happening.
const stepTime = 15 * time.Second

// story is the cluster, who is in it, and what was measured.
type story struct {
	*cluster.Cluster
	out     io.Writer
	nodes   []*cluster.Node // nodes[id-1]
	killed  time.Time       // when node 5 was
	figures *figures
}

// tell the steps in order; the first that does not happen ends the story.
func (s *story) tell(ctx context.Context) error {
	steps := []struct {
		title string
		tell  func(context.Context) error
	}{
		{"Five pairs start, each knows the addresses of all", s.startFive},
		{"Both halves of node 5 are killed (SIGKILL)", s.killFive},
		{"The failure, as the logs of all nodes tell it", s.showTrace},
		{"Node 5 starts again with the same id", s.restartFive},
		{"A sixth node joins; it knows only node 1", s.joinSix},
		{"Node 2 is asked to stop (SIGTERM)", s.leaveTwo},
		{"The rest does nothing but its daily work", s.idle},
	}
	for i, step := range steps {
		fmt.Fprintf(s.out, "\n%d. %s\n", i+1, step.title)
		stepCtx, cancel := context.WithTimeout(ctx, stepTime)
		err := step.tell(stepCtx)
		cancel()
		if err != nil {
			return fmt.Errorf("step %d (%s) did not happen: %w", i+1, step.title, err)
		}
	}
	fmt.Fprintln(s.out)
	return nil
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, "   "+format+"\n", args...) }

func (s *story) startFive(ctx context.Context) error {
	var members []string
	for id := 1; id <= 5; id++ {
		members = append(members, fmt.Sprintf("localhost:%d", 50050+id))
	}
	for id := 1; id <= 5; id++ {
		s.nodes = append(s.nodes, s.Add(id, "MEMBERS="+strings.Join(members, ",")))
	}
	s.Add(6, "BOOTSTRAP_ADDRESS=127.0.0.1:50061")
	if err := s.CheckPorts(ctx); err != nil {
		return fmt.Errorf("%w\nIs another cluster running?", err)
	}
	begin := time.Now()
	for _, n := range s.nodes {
		if err := s.start(n); err != nil {
			return err
		}
	}
	agreed, err := s.WaitAgree(ctx, cluster.Alive("1", "2", "3", "4", "5"), s.nodes...)
	if err != nil {
		return err
	}
	s.say("Ten processes run. After %s all five lists were the same: 1 to 5 alive.", seconds(agreed.Sub(begin)))
	s.figures.duration("five pairs started -> one agreed list", agreed.Sub(begin))
	return nil
}

// start the node and watch its list.
func (s *story) start(n *cluster.Node) error {
	if err := n.Start(); err != nil {
		return err
	}
	return s.Watch(n)
}

func (s *story) killFive(ctx context.Context) error {
	five, others := s.nodes[4], s.nodes[:4]
	if err := s.waitMet(ctx, "5", others); err != nil {
		return err
	}
	s.killed = time.Now()
	if err := five.Kill(); err != nil {
		return err
	}
	want := cluster.Alive("1", "2", "3", "4")
	want["5"] = swim.Failed
	last, err := s.WaitAgree(ctx, want, others...)
	if err != nil {
		return err
	}
	for _, told := range s.firstTold("5", swim.Failed, s.killed, others) {
		s.say("%8s  %s", seconds(told.At.Sub(s.killed)), told)
	}
	s.say("All four others know, and each of them is alive on all their lists.")
	s.figures.duration("SIGKILL of a pair -> last of four says failed", last.Sub(s.killed))
	return nil
}

// waitMet waits until all others have pinged a member, and so have a connection to it: that is
// so within a moment of its coming, and what they see of its end is what the story is about.
func (s *story) waitMet(ctx context.Context, member string, others []*cluster.Node) error {
	return poll(ctx, func() (bool, error) {
		lines, err := s.Lines(time.Time{})
		pinged := map[int]bool{}
		for _, line := range lines {
			if line.RPC == "Ping" && line.To == member {
				pinged[line.Node] = true
			}
		}
		met := !slices.ContainsFunc(others, func(n *cluster.Node) bool { return !pinged[n.ID] })
		return met, err
	})
}

// firstTold returns, for each observer, the first change since a time that told the state.
func (s *story) firstTold(member swim.NodeID, state swim.State, since time.Time, observers []*cluster.Node) []cluster.Change {
	var told []cluster.Change
	heard := map[swim.NodeID]bool{}
	for _, c := range s.History(0) {
		known := slices.ContainsFunc(observers, func(n *cluster.Node) bool { return n.Name() == c.Observer })
		if known && !heard[c.Observer] && c.Member.ID == member && c.Member.State == state && c.At.After(since) {
			heard[c.Observer] = true
			told = append(told, c)
		}
	}
	return told
}

func (s *story) restartFive(ctx context.Context) error {
	begin := time.Now()
	if err := s.nodes[4].Start(); err != nil {
		return err
	}
	agreed, err := s.WaitAgree(ctx, cluster.Alive("1", "2", "3", "4", "5"), s.nodes...)
	if err != nil {
		return err
	}
	s.say("After %s it was alive again in all five lists, its own included.", seconds(agreed.Sub(begin)))
	s.figures.duration("restart with the same id -> alive everywhere", agreed.Sub(begin))
	return nil
}

func (s *story) joinSix(ctx context.Context) error {
	six := s.Nodes()[5]
	s.nodes = append(s.nodes, six)
	begin := time.Now()
	if err := s.start(six); err != nil {
		return err
	}
	agreed, err := s.WaitAgree(ctx, cluster.Alive("1", "2", "3", "4", "5", "6"), s.nodes...)
	if err != nil {
		return err
	}
	s.say("After %s it was in all lists, and had the whole list itself.", seconds(agreed.Sub(begin)))
	s.figures.duration("join by one bootstrap address -> known everywhere", agreed.Sub(begin))
	ping, err := s.waitLine(ctx, agreed, func(l cluster.Line) bool {
		return l.Process == "node6-detector" && l.RPC == "Ping" && l.To == "6" && l.From != ""
	})
	if err != nil {
		return fmt.Errorf("nobody pings node 6: %w", err)
	}
	s.say("Node %s was the first to ping it in its daily round, %s later.", ping.From, seconds(ping.At.Sub(agreed)))
	return nil
}

func (s *story) leaveTwo(ctx context.Context) error {
	two := s.nodes[1]
	others := slices.Concat(s.nodes[:1], s.nodes[2:])
	begin := time.Now()
	if err := two.Stop(); err != nil {
		return err
	}
	stopped := time.Since(begin)
	for _, p := range []*cluster.Process{two.Detector, two.Disseminator} {
		if code := p.ExitCode(); code != 0 {
			return fmt.Errorf("%s ended with exit code %d, want 0", p.Name, code)
		}
	}
	want := cluster.Alive("1", "3", "4", "5", "6")
	want["2"] = swim.Left
	if _, err := s.WaitAgree(ctx, want, others...); err != nil {
		return err
	}
	told := s.firstTold("2", swim.Left, begin, others)
	last := told[len(told)-1].At.Sub(begin)
	s.say("Both halves ended after %s with exit code 0.", seconds(stopped))
	s.say("After %s the five others all said: 2 has left.", seconds(last))
	s.figures.duration("SIGTERM of a pair -> all others say left", last)
	return s.neverFailed()
}

// neverFailed checks that the leaver was not failed on any list at any time.
func (s *story) neverFailed() error {
	if c, said := s.EverSaid("2", swim.Failed); said {
		return fmt.Errorf("node 2 left in order, but was reported failed: %s", c)
	}
	return nil
}

// idleTime is how long memory and CPU are watched.
const idleTime = 5 * time.Second

// idle measures the processes and then checks that nothing happened meanwhile.
func (s *story) idle(ctx context.Context) error {
	seen := len(s.History(0))
	before, err := s.usages()
	if errors.Is(err, errors.ErrUnsupported) {
		s.say("Memory and CPU can be measured only on Linux.")
		return nil
	}
	if err != nil {
		return err
	}
	begin := time.Now()
	select {
	case <-time.After(idleTime):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := s.usages()
	if err != nil {
		return err
	}
	s.figures.idle("detector", before, after, time.Since(begin))
	s.figures.idle("disseminator", before, after, time.Since(begin))
	if changes := s.History(seen); len(changes) > 0 {
		return fmt.Errorf("an idle cluster changed: %s", changes[0])
	}
	s.say("For %s nobody's list changed.", seconds(idleTime))
	return s.neverFailed()
}

// usages of all running processes, by their names.
func (s *story) usages() (map[string]cluster.Usage, error) {
	usages := map[string]cluster.Usage{}
	for _, n := range s.nodes {
		for _, p := range []*cluster.Process{n.Detector, n.Disseminator} {
			if p.PID() == 0 {
				continue
			}
			usage, err := p.Usage()
			if err != nil {
				return nil, err
			}
			usages[p.Name] = usage
		}
	}
	return usages, nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
