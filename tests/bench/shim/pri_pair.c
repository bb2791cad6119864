/*
 * Two of libpri joined in memory: what one writes the other reads, no sockets. Time is given: its
 * clock costs nothing. The loop stands on this side, so that libpri pays for no crossing.
 */
#include <libpri.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define FRAME 300
#define FRAMES 256
#define CALLS 32

struct frame {
	int length;
	unsigned char octets[FRAME];
};

/* One end, and the frames on their way to it. */
struct end {
	struct pri *pri;
	struct end *other;
	struct frame in[FRAMES];
	unsigned first, count;
	int network;
	q931_call *calls[CALLS];
	int ringing[CALLS], connected[CALLS], gone[CALLS];
};

struct pair {
	struct end ends[2];
	int up;
	/* Frames of both in their order, while there is room: direction, length, octets. */
	unsigned char *capture;
	unsigned room, used;
};

static struct pair *the_pair;
static unsigned long long now_us;

/* The linker gives every call of gettimeofday in libpri to this one. */
int __wrap_gettimeofday(struct timeval *tv, void *zone)
{
	(void)zone;
	tv->tv_sec = 1000000 + now_us / 1000000;
	tv->tv_usec = now_us % 1000000;
	return 0;
}

static void on_message(struct pri *pri, char *text)
{
	(void)pri;
	(void)text;
}

static int on_read(struct pri *pri, void *buf, int room)
{
	struct end *end = pri_get_userdata(pri);
	if (!end->count) {
		return 0;
	}
	struct frame *frame = &end->in[end->first];
	if (frame->length > room) {
		return 0;
	}
	end->first = (end->first + 1) % FRAMES;
	end->count--;
	memcpy(buf, frame->octets, frame->length);
	return frame->length;
}

static int on_write(struct pri *pri, void *buf, int length)
{
	struct end *end = pri_get_userdata(pri), *to = end->other;
	if (length > FRAME || to->count == FRAMES) {
		return -1;
	}
	struct frame *frame = &to->in[(to->first + to->count++) % FRAMES];
	frame->length = length;
	memcpy(frame->octets, buf, length);
	struct pair *pair = the_pair;
	if (pair->capture && pair->used + length + 1 <= pair->room) {
		/* Without the two octets where the FCS will be. */
		pair->capture[pair->used++] = end->network;
		pair->capture[pair->used++] = (length - 2) >> 8;
		pair->capture[pair->used++] = (length - 2) & 255;
		memcpy(pair->capture + pair->used, buf, length - 2);
		pair->used += length - 2;
	}
	return length;
}

struct pair *pair_new(void)
{
	struct pair *pair = calloc(1, sizeof *pair);
	if (!pair) {
		return NULL;
	}
	the_pair = pair;
	pri_set_message(on_message);
	pri_set_error(on_message);
	for (int i = 0; i < 2; i++) {
		struct end *end = &pair->ends[i];
		end->other = &pair->ends[1 - i];
		end->network = i;
		end->pri = pri_new_cb(-1, i ? PRI_NETWORK : PRI_CPE, PRI_SWITCH_EUROISDN_E1, on_read,
			on_write, end);
		if (!end->pri) {
			return NULL;
		}
		pri_set_debug(end->pri, 0);
		pri_hangup_fix_enable(end->pri, 1);
		/* Without it no sending complete element is sent. */
		pri_set_overlapdial(end->pri, 1);
	}
	return pair;
}

static int slot_of(int index)
{
	/* As ours: from the top, past the D channel. */
	int slot = 31 - index;
	return slot > 16 ? slot : slot - 1;
}

static int index_of(int channel)
{
	int slot = channel & 0xFF;
	return slot > 16 ? 31 - slot : 30 - slot;
}

static void happened(struct pair *pair, struct end *end, pri_event *event)
{
	int at;
	switch (event->e) {
	case PRI_EVENT_DCHAN_UP:
		pair->up |= 1 << end->network;
		break;
	case PRI_EVENT_RING:
		at = index_of(event->ring.channel);
		if (at >= 0 && at < CALLS) {
			end->calls[at] = event->ring.call;
			end->ringing[at] = 1;
			pri_proceeding(end->pri, event->ring.call, event->ring.channel, 0);
			pri_acknowledge(end->pri, event->ring.call, event->ring.channel, 0);
		}
		break;
	case PRI_EVENT_ANSWER:
		at = index_of(event->answer.channel);
		if (at >= 0 && at < CALLS) {
			end->connected[at]++;
		}
		break;
	case PRI_EVENT_HANGUP_REQ:
	case PRI_EVENT_HANGUP:
		pri_hangup(end->pri, event->hangup.call, event->hangup.cause);
		break;
	case PRI_EVENT_HANGUP_ACK:
		at = index_of(event->hangup.channel);
		if (at >= 0 && at < CALLS) {
			end->gone[at]++;
		}
		pri_hangup(end->pri, event->hangup.call, event->hangup.cause);
		break;
	default:
		break;
	}
}

/* Passes frames until none is on its way. */
static void run(struct pair *pair)
{
	int busy = 1;
	for (int round = 0; busy && round < 10000; round++) {
		busy = 0;
		for (int i = 0; i < 2; i++) {
			struct end *end = &pair->ends[i];
			while (end->count) {
				pri_event *event = pri_check_event(end->pri);
				busy = 1;
				if (event) {
					happened(pair, end, event);
				}
			}
		}
	}
}

static void run_timers(struct pair *pair)
{
	for (int i = 0; i < 2; i++) {
		struct end *end = &pair->ends[i];
		for (int n = 0; n < 100; n++) {
			struct timeval now, *next = pri_schedule_next(end->pri);
			__wrap_gettimeofday(&now, NULL);
			if (!next || next->tv_sec > now.tv_sec
				|| (next->tv_sec == now.tv_sec && next->tv_usec > now.tv_usec)) {
				break;
			}
			pri_event *event = pri_schedule_run(end->pri);
			if (event) {
				happened(pair, end, event);
			}
		}
	}
}

/* Sets the data link up; 0 if it is. */
int pair_connect(struct pair *pair)
{
	for (int n = 0; n < 2000 && pair->up != 3; n++) {
		now_us += 10000;
		run_timers(pair);
		run(pair);
	}
	/* Restarts and the like come to their end. */
	for (int n = 0; n < 500; n++) {
		now_us += 10000;
		run_timers(pair);
		run(pair);
	}
	return pair->up == 3 ? 0 : -1;
}

/* Frames from now on are kept in this room; NULL ends it. Gives back the octets of before. */
unsigned pair_capture(struct pair *pair, unsigned char *room, unsigned octets)
{
	unsigned used = pair->used;
	pair->capture = room;
	pair->room = octets;
	pair->used = 0;
	return used;
}

/*
 * `calls` calls, `at_once` up at a time: all are placed, all are answered, all are cleared by the
 * one who placed them. Sides take turns. Gives back the calls that came to their end.
 */
int pair_calls(struct pair *pair, int calls, int at_once, char *calling, char *called)
{
	int ended = 0, side = 0;
	the_pair = pair;
	if (at_once > 30) {
		return -1;
	}
	for (int done = 0; done < calls; done += at_once, side = 1 - side) {
		struct end *from = &pair->ends[side], *to = &pair->ends[1 - side];
		memset(from->connected, 0, sizeof from->connected);
		memset(from->gone, 0, sizeof from->gone);
		memset(to->ringing, 0, sizeof to->ringing);
		memset(to->gone, 0, sizeof to->gone);
		now_us += 1000;
		for (int i = 0; i < at_once; i++) {
			q931_call *call = pri_new_call(from->pri);
			struct pri_sr *sr = pri_sr_new();
			if (!call || !sr) {
				return -1;
			}
			pri_sr_set_channel(sr, slot_of(i), 1, 0);
			pri_sr_set_bearer(sr, PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW);
			pri_sr_set_called(sr, called, PRI_UNKNOWN | 1, 1);
			pri_sr_set_caller(sr, calling, NULL, PRI_UNKNOWN | 1,
				PRES_ALLOWED_USER_NUMBER_NOT_SCREENED);
			if (pri_setup(from->pri, call, sr)) {
				return -1;
			}
			pri_sr_free(sr);
			from->calls[i] = call;
			run(pair);
		}
		for (int i = 0; i < at_once; i++) {
			if (!to->ringing[i]) {
				return -1;
			}
			pri_answer(to->pri, to->calls[i], slot_of(i), 0);
			run(pair);
		}
		for (int i = 0; i < at_once; i++) {
			if (from->connected[i] != 1) {
				return -1;
			}
			pri_hangup(from->pri, from->calls[i], 16);
			run(pair);
			ended++;
		}
		run_timers(pair);
		run(pair);
	}
	return ended;
}
