// Package settings maps the configuration to the components: each function of configs.go
// returns the Config of one component, and what has no setting keeps that component's
// default. It also finds the brokers and topics that a command means, and has the Options
// that all commands share.
//
// It starts and connects nothing. Everything here may be called from any goroutine.
package settings
