package rpc

import (
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// Health is the grpc.health.v1 service of a server.
type Health struct{ server *health.Server }

// newHealth starts with the whole server ("") not serving; gRPC's own would start serving
// before there is anything to serve.
func newHealth() *Health {
	h := &Health{server: health.NewServer()}
	h.Set("", false)
	return h
}

// Set tells askers and watchers whether service is served; "" is the server as a whole. A
// service that was never set is answered with NotFound. Ignored after Stop.
func (h *Health) Set(service string, serving bool) {
	state := healthpb.HealthCheckResponse_NOT_SERVING
	if serving {
		state = healthpb.HealthCheckResponse_SERVING
	}
	h.server.SetServingStatus(service, state)
}
