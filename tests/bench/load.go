package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// load is what processes have taken from the machine so far.
type load struct {
	at             time.Time
	cpu            time.Duration
	memory         int64 // bytes, now
	packets, bytes uint64
	machine        machine
}

// loadOf running processes, all together. What cannot be measured on this system is zero.
func loadOf(processes []*cluster.Process) (load, error) {
	l := load{at: time.Now(), machine: machineNow()}
	for _, p := range processes {
		u, err := p.Usage()
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return load{}, err
		}
		l.cpu += u.CPU
		l.memory += u.RSS
	}
	if text, err := os.ReadFile("/proc/net/dev"); err == nil {
		l.packets, l.bytes = parseLoopback(string(text))
	}
	return l, nil
}

// since is the cost per node since an earlier load of the same processes.
func (l load) since(before load, nodes int) Cost {
	n := float64(nodes)
	return Cost{
		CPU:     (l.cpu - before.cpu) / time.Duration(nodes),
		Packets: float64(l.packets-before.packets) / n,
		Bytes:   float64(l.bytes-before.bytes) / n,
	}
}

// parseLoopback reads what the loopback interface has received: on it, that is what was sent.
func parseLoopback(text string) (packets, bytes uint64) {
	for line := range strings.Lines(text) {
		if counters, found := strings.CutPrefix(strings.TrimSpace(line), "lo:"); found {
			if _, err := fmt.Sscan(counters, &bytes, &packets); err != nil {
				return 0, 0
			}
		}
	}
	return packets, bytes
}

// quiet is how long nothing may happen before a cluster is at rest; it gets that much and a
// minute.
const quiet = 5 * time.Second

// rest measures a cluster at rest.
func (g *group) rest(ctx context.Context, length time.Duration) (Rest, error) {
	if err := g.calm(ctx); err != nil {
		return Rest{}, err
	}
	all := processes(g.nodes...)
	mark, logs := g.mark(), ends(all)
	before, err := loadOf(all)
	if err != nil {
		return Rest{}, err
	}
	if err := pass(ctx, length); err != nil {
		return Rest{}, err
	}
	after, err := loadOf(all)
	if err != nil {
		return Rest{}, err
	}
	calls, err := callsSince(all, logs)
	if err != nil {
		return Rest{}, err
	}
	n, took := float64(len(g.nodes)), after.at.Sub(before.at).Seconds()
	cost := after.since(before, len(g.nodes))
	return Rest{
		System: g.system, Nodes: len(g.nodes),
		CPU:     milliseconds(cost.CPU) / took,
		Memory:  float64(after.memory) / n / (1 << 20),
		Packets: cost.Packets / took,
		Bytes:   cost.Bytes / took,
		Calls:   float64(calls) / n / took,
		Harness: milliseconds(after.machine.own-before.machine.own) / took,
		Others:  after.machine.others(before.machine, after.cpu-before.cpu),
		Changes: len(g.since(mark)),
	}, nil
}

// calm waits until nobody says anything new for a while; a cluster that never falls silent is
// measured all the same, and Changes tells.
func (g *group) calm(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		mark := g.mark()
		if err := pass(ctx, quiet); err != nil {
			return err
		}
		if g.mark() == mark {
			return nil
		}
	}
	return nil
}

// pass lets time go by, which is measured or is a part of the fault.
func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ends are the sizes of the logs now.
func ends(processes []*cluster.Process) map[string]int64 {
	sizes := map[string]int64{}
	for _, p := range processes {
		if info, err := os.Stat(p.LogFile); err == nil {
			sizes[p.LogFile] = info.Size()
		}
	}
	return sizes
}

// callsSince counts the RPCs that were sent, as the logs of our processes tell; the others
// send none.
func callsSince(processes []*cluster.Process, from map[string]int64) (count int, err error) {
	for _, p := range processes {
		file, err := os.Open(p.LogFile)
		if err != nil {
			return 0, err
		}
		text, err := io.ReadAll(io.NewSectionReader(file, from[p.LogFile], 1<<40))
		if err := errors.Join(err, file.Close()); err != nil {
			return 0, err
		}
		count += bytes.Count(text, []byte(" sends RPC "))
	}
	return count, nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
