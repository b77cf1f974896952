package bcast

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/swimpair/swim/internal/logging"
	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/internal/trace"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// At one time so many receivers are told, as a pool keeps so many connections.
const pooled = 64

// TestCostOfAPush measures s and L on real sockets, and prints what time a broadcast needs.
func TestCostOfAPush(t *testing.T) {
	measured(t)
	addresses := startReceivers(t, 1000)
	warm := warmCost(t, addresses[:pooled])
	cold := coldCost(t, addresses[:pooled])
	latency := latency(t, addresses[0])
	publish(t, "cost", [][]string{
		{"what", "time"},
		{"s, warm connection: CPU time of the sender for one push", micros(warm)},
		{"s, connection dialled for it", micros(cold)},
		{"L: half a round trip of a lone push", micros(latency)},
	})
	rows := [][]string{{
		"n", "floor T*", "direct", "two levels", "direct, cold", "two levels, cold", "direct, measured",
	}}
	for _, n := range []int{10, 20, 50, 65, 100, 128, 200, 300, 500, 1000, 2000, 5000, 10_000} {
		row := []string{
			fmt.Sprint(n), millis(floor(warm, latency, n)), millis(direct(warm, latency, n)), millis(twoLevels(warm, latency, n)),
			millis(direct(cold, cold, n)), millis(twoLevels(cold, cold, n)), "",
		}
		if n <= len(addresses)+1 && n != 20 {
			row[6] = millis(directMeasured(t, addresses[:min(n-1, len(addresses))]))
		}
		rows = append(rows, row)
	}
	publish(t, "floor", rows)
}

// sender pushes as a disseminator does.
type sender struct{ pool *rpc.Pool }

func self(node string) rpc.Self {
	return rpc.Self{Cluster: "default", Node: node, Component: "Dissemination", Protocol: "1"}
}

// newSender has the log lines of a daemon, which are a part of the cost.
func newSender(t *testing.T) *sender {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	log, err := logging.New("info", "json", "node1-disseminator", null)
	if err != nil {
		t.Fatal(err)
	}
	s := &sender{pool: rpc.NewPool(rpc.PoolConfig{Self: self("1"), Log: log})}
	t.Cleanup(func() {
		s.pool.Close()
		_ = null.Close()
	})
	return s
}

// news is what one push carries: one row.
var news = wire.Dissemination{Sender: "1", Members: []swim.Member{{
	ID: "17", State: swim.Failed, Reason: swim.Unreachable, Accuser: "1", Incarnation: 1_767_225_601_008, Instance: 7,
	DetectorAddress: "10.0.0.17:50067", DisseminatorAddress: "10.0.0.17:50077", OwnAddress: true, ProbeInterval: time.Second,
}}}

func (s *sender) push(address string) error {
	conn, release, err := s.pool.Get(address)
	if err != nil {
		return err
	}
	defer release()
	ctx := rpc.WithTrace(rpc.WithPeer(context.Background(), "Dissemination", "2"), trace.ID{1})
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	answer, err := swimpb.NewDisseminationClient(conn).Disseminate(ctx, news.Proto())
	if err == nil {
		_, err = wire.ParseDisseminationAnswer(answer)
	}
	return err
}

// broadcast pushes to all at once, and waits for the answers.
func (s *sender) broadcast(t *testing.T, addresses []string) {
	t.Helper()
	var calls sync.WaitGroup
	for _, address := range addresses {
		calls.Go(func() {
			for s.push(address) != nil { // so many dials at once may take longer than one may
				if t.Context().Err() != nil {
					return
				}
			}
		})
	}
	calls.Wait()
}

func warmCost(t *testing.T, addresses []string) time.Duration {
	s := newSender(t)
	s.broadcast(t, addresses)
	return leastCost(30*len(addresses), func() {
		for range 30 {
			s.broadcast(t, addresses)
		}
	})
}

func coldCost(t *testing.T, addresses []string) time.Duration {
	return leastCost(3*len(addresses), func() {
		for range 3 {
			s := newSender(t)
			s.broadcast(t, addresses)
			s.pool.Close()
		}
	})
}

// leastCost is the CPU time of one push of many: in the cheapest of ten batches, since what
// runs beside makes each dearer.
func leastCost(pushes int, batch func()) time.Duration {
	least := time.Hour
	for range 10 {
		before := cpuTime()
		batch()
		least = min(least, (cpuTime()-before)/time.Duration(pushes))
	}
	return least
}

func latency(t *testing.T, address string) time.Duration {
	s := newSender(t)
	took := times(2000, func() { s.broadcast(t, []string{address}) })
	return took[len(took)/2] / 2
}

// directMeasured is how long a broadcast takes until the last answer, with a daemon's pool:
// the shortest of fifteen.
func directMeasured(t *testing.T, addresses []string) time.Duration {
	s := newSender(t)
	s.broadcast(t, addresses)
	return times(15, func() { s.broadcast(t, addresses) })[0]
}

// times is how long f took each time, in order.
func times(count int, f func()) []time.Duration {
	took := make([]time.Duration, count)
	for i := range took {
		start := time.Now()
		f()
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took
}

// cpuTime is what this process has used of it: on a busy machine the honest measure.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func micros(d time.Duration) string {
	return fmt.Sprintf("%.0f us", float64(d)/float64(time.Microsecond))
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
