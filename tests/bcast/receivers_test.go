package bcast

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"go.uber.org/zap"

	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// The receivers are a process of their own, so that the CPU time of this one is the sender's.

const receiversVariable = "BCAST_RECEIVERS"

func TestMain(m *testing.M) {
	if count, err := strconv.Atoi(os.Getenv(receiversVariable)); err == nil {
		receive(count)
		return
	}
	os.Exit(m.Run())
}

// receive serves so many disseminators until standard input ends, and prints where.
func receive(count int) {
	for range count {
		lis, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		server := rpc.NewServer(rpc.ServerConfig{Self: self("2"), Log: zap.NewNop()})
		swimpb.RegisterDisseminationServer(server, receiver{})
		go func() { _ = server.Serve(lis) }()
		fmt.Println(lis.Addr())
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// receiver takes news as a disseminator does, and keeps nothing.
type receiver struct {
	swimpb.UnimplementedDisseminationServer
}

func (receiver) Disseminate(_ context.Context, sent *swimpb.DisseminationRequest) (*swimpb.DisseminationResponse, error) {
	if _, err := wire.ParseDissemination(sent); err != nil {
		return nil, wire.ToStatus(err)
	}
	return wire.DisseminationAnswer{Success: true, ResponderID: "2", ResponderInstance: 1}.Proto(), nil
}

// startReceivers returns their addresses.
func startReceivers(t *testing.T, count int) (addresses []string) {
	t.Helper()
	receivers := exec.Command(os.Args[0])
	receivers.Env = append(os.Environ(), fmt.Sprintf("%s=%d", receiversVariable, count))
	receivers.Stderr = os.Stderr
	stdin, err := receivers.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := receivers.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := receivers.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = receivers.Wait()
	})
	for lines := bufio.NewScanner(stdout); len(addresses) < count && lines.Scan(); {
		addresses = append(addresses, lines.Text())
	}
	if len(addresses) < count {
		t.Fatalf("%d of %d receivers have started", len(addresses), count)
	}
	return addresses
}
