package decode

import "github.com/netlyra/netlyra/internal/models"

func (d *Decoder) udpTunnel(l *models.Layer, b []byte, size int) {}
func (d *Decoder) ipTunnel(proto byte, b []byte, size int)       {}
func (d *Decoder) gre(b []byte, size int)                        {}
