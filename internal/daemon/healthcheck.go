package daemon

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/swimpair/swim/internal/rpc"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// healthDeadline bounds the whole check; a supervisor's own is usually longer.
const healthDeadline = 2 * time.Second

// healthcheck asks the running daemon for each service, prints one line for each, and
// returns ExitOK if all are serving.
func (d Daemon[C]) healthcheck(services []string, stdout, stderr io.Writer) int {
	settings, _, err := d.Load()
	if err != nil {
		return d.fail(stderr, ExitConfig, err)
	}
	address, defaults := d.Health(settings)
	if len(services) == 0 {
		services = defaults
	}
	pool := rpc.NewPool(rpc.PoolConfig{Self: rpc.Self{Component: "healthcheck"}, Log: zap.NewNop()})
	defer pool.Close()
	conn, release, err := pool.Get(address)
	if err != nil {
		return d.fail(stderr, ExitFailure, err)
	}
	defer release()
	ctx, cancel := context.WithTimeout(context.Background(), healthDeadline)
	defer cancel()
	code := ExitOK
	for _, service := range services {
		serving, answer := ask(ctx, conn, address, service)
		if !serving {
			code = ExitFailure
		}
		_, _ = fmt.Fprintf(stdout, "%-22s %s\n", shown(service), answer)
	}
	return code
}

func ask(ctx context.Context, conn grpc.ClientConnInterface, address, service string) (serving bool, answer string) {
	resp, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: service})
	switch status.Code(err) {
	case codes.OK:
		return resp.GetStatus() == healthpb.HealthCheckResponse_SERVING, resp.GetStatus().String()
	case codes.NotFound:
		return false, "unknown to the server at " + address
	case codes.DeadlineExceeded:
		return false, fmt.Sprintf("no answer from %s within %v", address, healthDeadline)
	}
	return false, fmt.Sprintf("no answer from %s: %s", address, status.Convert(err).Message())
}

// shown gives the server as a whole, whose name is empty, something to read.
func shown(service string) string {
	if service == "" {
		return "(server)"
	}
	return service
}
