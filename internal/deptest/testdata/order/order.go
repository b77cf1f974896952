// Package order lets the order of a map out.
package order

import "maps"

type table map[string]int

func Use(t table) (all []string) {
	for k := range t {
		all = append(all, k)
	}
	for k := range t { // order does not matter:
		all = append(all, k)
	}
	// order does not matter: this comment stands on another line
	for k := range t {
		all = append(all, k)
	}
	for k := range maps.Keys(t) {
		all = append(all, k)
	}
	_ = maps.Values[table]
	_ = maps.Values[table](t)
	for k := range maps.All(t) { // order does not matter: nothing comes of it
		_ = k
	}
	return all
}
