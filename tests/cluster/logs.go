package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Line is one line of a log in the format json.
type Line struct {
	Process string // node1-detector
	Node    int
	At      time.Time
	Message string
	RPC     string
	From    string // node of the caller, of a line about an RPC
	To      string // node of the callee
	TraceID string
	Code    string // how the RPC ended, on its last line
}

// Lines returns the lines of all nodes since a time, in the order of their times. The
// nodes have to log in the format json.
func (c *Cluster) Lines(since time.Time) ([]Line, error) {
	var lines []Line
	for _, n := range c.Nodes() {
		for _, p := range n.halves() {
			text, err := p.Log()
			if err != nil {
				return nil, fmt.Errorf("cannot read a log: %w", err)
			}
			for raw := range bytes.Lines(text) {
				if line, ok := parseLine(raw); ok && !line.At.Before(since) {
					line.Process, line.Node = p.Name, n.ID
					lines = append(lines, line)
				}
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) })
	return lines, nil
}

// parseLine passes over what is not a line of the logger: a last line that is still being
// written, or a panic.
func parseLine(raw []byte) (Line, bool) {
	var entry struct {
		At      time.Time `json:"ts"`
		Message string    `json:"msg"`
		RPC     string    `json:"rpc"`
		From    string    `json:"from_node"`
		To      string    `json:"to_node"`
		TraceID string    `json:"trace_id"`
		Code    string    `json:"code"`
	}
	if err := json.Unmarshal(raw, &entry); err != nil {
		return Line{}, false
	}
	return Line{
		At: entry.At, Message: entry.Message, RPC: entry.RPC, From: entry.From, To: entry.To,
		TraceID: entry.TraceID, Code: entry.Code,
	}, true
}
