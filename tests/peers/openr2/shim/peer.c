/* One channel of libopenr2 without a kernel: its device is this file. The library's calls of
   ioctl, read, write and gettimeofday are answered here for that device, and passed on for all
   others. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <openr2.h>

/* A number that no file of this process has. */
#define DEVICE 20000
#define ROOM 4096
/* What the library reads and writes at once: 20 ms. */
#define CHUNK 160

static struct {
	openr2_context_t *context;
	openr2_chan_t *chan;
	uint64_t us;
	int rx, tx, changed, dead;
	unsigned char in[ROOM], out[ROOM];
	int in_count, out_count;
	char events[64][80];
	int first, last;
} peer;

static void tell(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vsnprintf(peer.events[peer.last++ % 64], 80, format, list);
	va_end(list);
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	(void)zone;
	tv->tv_sec = peer.us / 1000000;
	tv->tv_usec = peer.us % 1000000;
	return 0;
}

ssize_t read(int fd, void *buffer, size_t count)
{
	if (fd != DEVICE)
		return syscall(SYS_read, fd, buffer, count);
	int n = (int)count < peer.in_count ? (int)count : peer.in_count;
	memcpy(buffer, peer.in, n);
	peer.in_count -= n;
	memmove(peer.in, peer.in + n, peer.in_count);
	return n;
}

ssize_t write(int fd, const void *buffer, size_t count)
{
	if (fd != DEVICE)
		return syscall(SYS_write, fd, buffer, count);
	int n = (int)count < ROOM - peer.out_count ? (int)count : ROOM - peer.out_count;
	memcpy(peer.out + peer.out_count, buffer, n);
	peer.out_count += n;
	return n;
}

/* struct dahdi_params, as far as it is asked for: the signalling is CAS, the law A. */
static void parameters(int *params)
{
	memset(params, 0, 136);
	params[0] = params[2] = 1;
	params[1] = 1;
	params[3] = params[4] = 1 << 15;
	params[10] = 2;
}

static int ready(int *flags)
{
	int asked = *flags;
	*flags = 0;
	if ((asked & 8) && peer.changed)
		*flags |= 8;
	if ((asked & 1) && peer.in_count >= CHUNK)
		*flags |= 1;
	if ((asked & 2) && peer.out_count <= CHUNK)
		*flags |= 2;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	va_start(list, request);
	void *argument = va_arg(list, void *);
	va_end(list);
	if (fd != DEVICE)
		return (int)syscall(SYS_ioctl, fd, request, argument);
	switch (request & 0xFF) {
	case 0x05: parameters(argument); break;
	case 0x08:
		*(int *)argument = peer.changed ? 13 : 0;
		peer.changed = 0;
		break;
	case 0x09: return ready(argument);
	case 0x03: if (*(int *)argument & 2) peer.out_count = 0; break;
	case 0x2b:
		if (request & 0x80000000UL)
			*(int *)argument = peer.rx;
		else
			peer.tx = *(int *)argument;
		break;
	default: break;
	}
	return 0;
}

static void call_init(openr2_chan_t *c) { (void)c; tell("init"); }
static void offered(openr2_chan_t *c, const char *ani, const char *dnis,
		    openr2_calling_party_category_t category)
{
	(void)category;
	tell("offered %s %s", dnis, ani);
	openr2_chan_accept_call(c, OR2_CALL_WITH_CHARGE);
}
static void accepted(openr2_chan_t *c, openr2_call_mode_t mode)
{
	(void)mode;
	tell("accepted");
	if (openr2_chan_get_direction(c) == OR2_DIR_BACKWARD)
		openr2_chan_answer_call(c);
}
static void answered(openr2_chan_t *c) { (void)c; tell("answered"); }
static void disconnected(openr2_chan_t *c, openr2_call_disconnect_cause_t cause)
{
	tell("disconnected %s", openr2_proto_get_disconnect_string(cause));
	openr2_chan_disconnect_call(c, OR2_CAUSE_NORMAL_CLEARING);
}
static void ended(openr2_chan_t *c) { (void)c; tell("ended"); }
static void heard(openr2_chan_t *c, const unsigned char *b, int n) { (void)c; (void)b; (void)n; }
static void alarmed(openr2_chan_t *c, int alarm) { (void)c; tell("alarm %d", alarm); }
static void os_error(openr2_chan_t *c, int error) { (void)c; tell("error %d", error); }
static void wrong(openr2_chan_t *c, openr2_protocol_error_t error)
{
	(void)c;
	tell("wrong: %s", openr2_proto_get_error(error));
}
static void blocked(openr2_chan_t *c) { (void)c; tell("blocked"); }
static void idle(openr2_chan_t *c) { (void)c; tell("idle"); }
static void logged(openr2_context_t *c, openr2_log_level_t l, const char *f, va_list a)
{
	(void)c; (void)l; (void)f; (void)a;
}
static int dnis(openr2_chan_t *c, char digit) { (void)c; (void)digit; return 1; }
static void ani(openr2_chan_t *c, char digit) { (void)c; (void)digit; }
static void pulse(openr2_chan_t *c) { (void)c; tell("pulse"); }
static void chan_log(openr2_chan_t *c, openr2_log_level_t l, const char *f, va_list a)
{
	(void)c; (void)l;
	if (getenv("OPENR2_TELLS")) {
		fprintf(stderr, "%8lu ms ", (unsigned long)(peer.us / 1000));
		vfprintf(stderr, f, a);
	}
}

static openr2_event_interface_t events = {
	.on_call_init = call_init, .on_call_offered = offered, .on_call_accepted = accepted,
	.on_call_answered = answered, .on_call_disconnect = disconnected, .on_call_end = ended,
	.on_call_read = heard, .on_hardware_alarm = alarmed, .on_os_error = os_error,
	.on_protocol_error = wrong, .on_line_blocked = blocked, .on_line_idle = idle,
	.on_context_log = logged, .on_dnis_digit_received = dnis, .on_ani_digit_received = ani,
	.on_billing_pulse_received = pulse,
};

int peer_new(const char *variant, int calling, int called)
{
	memset(&peer, 0, sizeof peer);
	peer.us = 1000000;
	peer.context = openr2_context_new(NULL, &events, NULL, openr2_proto_get_variant(variant),
					  calling, called);
	if (!peer.context)
		return -1;
	openr2_context_set_ani_first(peer.context, 0);
	peer.chan = openr2_chan_new_from_fd(peer.context, DEVICE, NULL, NULL);
	if (!peer.chan)
		return -2;
	openr2_chan_set_logging_func(peer.chan, chan_log);
	openr2_chan_set_log_level(peer.chan, OR2_LOG_ALL);
	openr2_chan_enable_read(peer.chan);
	return openr2_chan_set_idle(peer.chan);
}

void peer_delete(void)
{
	if (peer.context)
		openr2_context_delete(peer.context);
	memset(&peer, 0, sizeof peer);
}

/* A block of 2 ms comes in and one goes out; the bits that are sent. */
int peer_step(const unsigned char *in, unsigned char *out, int bits)
{
	peer.us += 2000;
	if (peer.in_count + 16 <= ROOM) {
		memcpy(peer.in + peer.in_count, in, 16);
		peer.in_count += 16;
	}
	if (bits != peer.rx) {
		peer.rx = bits;
		peer.changed = 1;
	}
	for (int turn = 0; turn < 4; turn++)
		openr2_chan_process_event(peer.chan);
	memset(out, 0xD5, 16);
	if (peer.out_count >= 16) {
		memcpy(out, peer.out, 16);
		peer.out_count -= 16;
		memmove(peer.out, peer.out + 16, peer.out_count);
	}
	return peer.tx;
}

int peer_call(const char *calling, const char *called)
{
	return openr2_chan_make_call(peer.chan, calling, called,
				     OR2_CALLING_PARTY_CATEGORY_NATIONAL_SUBSCRIBER);
}

int peer_hang_up(void)
{
	return openr2_chan_disconnect_call(peer.chan, OR2_CAUSE_NORMAL_CLEARING);
}

/* The next event as text; its length, or -1. */
int peer_event(char *text, int room)
{
	if (peer.first == peer.last)
		return -1;
	return snprintf(text, room, "%s", peer.events[peer.first++ % 64]);
}
