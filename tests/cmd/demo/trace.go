package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// showTrace prints every log line, from all nodes, that belongs to the story of node 5's
// failure: the lines share a trace id, which the RPCs carry from node to node.
func (s *story) showTrace(ctx context.Context) error {
	const survivors = 4
	var trace []cluster.Line
	err := poll(ctx, func() (bool, error) {
		lines, err := s.Lines(s.killed)
		if err != nil {
			return false, err
		}
		trace = failureTrace(lines, "5")
		return nodesOf(trace) == survivors, nil
	})
	if err != nil {
		return fmt.Errorf("no trace id of the failure stands in the logs of all %d survivors (the best: in %d): %w",
			survivors, nodesOf(trace), err)
	}
	s.say("Trace %s, times since the kill:", trace[0].TraceID)
	for _, line := range trace {
		s.say("%8s  %-18s  %s", seconds(line.At.Sub(s.killed)), line.Process, brief(line))
	}
	return nil
}

// failureTrace picks the trace that is about the failed node and was seen on the most nodes,
// and of several the first: every member that looks at a dead one begins a story, but one of
// them is the news.
func failureTrace(lines []cluster.Line, failed string) []cluster.Line {
	traces := map[string][]cluster.Line{}
	var order []string
	for _, line := range lines {
		if line.TraceID == "" {
			continue
		}
		if traces[line.TraceID] == nil {
			order = append(order, line.TraceID)
		}
		traces[line.TraceID] = append(traces[line.TraceID], line)
	}
	var best []cluster.Line
	for _, id := range order {
		if isAbout(traces[id], failed) && nodesOf(traces[id]) > nodesOf(best) {
			best = traces[id]
		}
	}
	return best
}

func isAbout(trace []cluster.Line, node string) bool {
	for _, line := range trace {
		if strings.HasPrefix(line.Message, "Node "+node+" ") {
			return true
		}
	}
	return false
}

func nodesOf(lines []cluster.Line) int {
	nodes := map[int]bool{}
	for _, line := range lines {
		nodes[line.Node] = true
	}
	return len(nodes)
}

// brief is the message without what the column of the process says already.
func brief(line cluster.Line) string {
	message := line.Message
	for _, verb := range []string{"sends RPC ", "runs RPC "} {
		if i := strings.Index(message, verb); i > 0 && strings.HasPrefix(message, "Component ") {
			message = message[i:]
		}
	}
	message = strings.ReplaceAll(message, "Component ", "")
	if line.Code != "" {
		message += " (" + line.Code + ")"
	}
	return message
}

// waitLine waits until a line of the logs matches.
func (s *story) waitLine(ctx context.Context, since time.Time, match func(cluster.Line) bool) (cluster.Line, error) {
	var found cluster.Line
	err := poll(ctx, func() (bool, error) {
		lines, err := s.Lines(since)
		for _, line := range lines {
			if match(line) {
				found = line
				return true, nil
			}
		}
		return false, err
	})
	return found, err
}

// poll asks until the answer is yes: files do not tell when they grow.
func poll(ctx context.Context, done func() (bool, error)) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
