/* A PCM of ALSA for tests: a sound card without a kernel. It moves 16-bit mono at 48 kHz by the
 * clock of this machine; what it hears is a file played in a circle, what it speaks goes to
 * another.
 *
 *   pcm_type.paced { lib "libjack.so" }
 *   pcm.hall { type paced infile "in.raw" outfile "out.raw" }
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define RATE 48000
#define TICK_NS 4000000

struct paced {
    snd_pcm_ioplug_t io;
    FILE *file;
    struct timespec start;
    int running;
    /* Frames moved by the program since the start. */
    uint64_t moved;
};

static uint64_t elapsed(const struct paced *jack)
{
    struct timespec now;
    int64_t ns;

    clock_gettime(CLOCK_MONOTONIC, &now);
    ns = (now.tv_sec - jack->start.tv_sec) * 1000000000LL;
    ns += now.tv_nsec - jack->start.tv_nsec;
    return (uint64_t)ns * (RATE / 1000) / 1000000;
}

static int paced_start(snd_pcm_ioplug_t *io)
{
    struct paced *jack = io->private_data;

    clock_gettime(CLOCK_MONOTONIC, &jack->start);
    jack->running = 1;
    return 0;
}

static int paced_stop(snd_pcm_ioplug_t *io)
{
    struct paced *jack = io->private_data;

    jack->running = 0;
    return 0;
}

static int paced_prepare(snd_pcm_ioplug_t *io)
{
    struct paced *jack = io->private_data;

    jack->running = 0;
    jack->moved = 0;
    return 0;
}

/* Where the card is in the buffer; it stops when it runs dry or over. */
static snd_pcm_sframes_t paced_pointer(snd_pcm_ioplug_t *io)
{
    struct paced *jack = io->private_data;
    uint64_t now = jack->running ? elapsed(jack) : 0;

    if (io->stream == SND_PCM_STREAM_PLAYBACK && now > jack->moved)
        return -EPIPE;
    if (io->stream == SND_PCM_STREAM_CAPTURE && now > jack->moved + io->buffer_size)
        return -EPIPE;
    return (snd_pcm_sframes_t)(now % io->buffer_size);
}

static snd_pcm_sframes_t paced_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                        snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
    struct paced *jack = io->private_data;
    int16_t *frames = (int16_t *)((char *)areas->addr + areas->first / 8) + offset;
    snd_pcm_uframes_t done = 0;

    jack->moved += size;
    if (io->stream == SND_PCM_STREAM_PLAYBACK) {
        fwrite(frames, sizeof *frames, size, jack->file);
        fflush(jack->file);
        return (snd_pcm_sframes_t)size;
    }
    while (done < size) {
        size_t got = fread(frames + done, sizeof *frames, size - done, jack->file);

        done += got;
        if (got == 0) {
            if (ftell(jack->file) == 0)
                return -EIO;
            rewind(jack->file);
        }
    }
    return (snd_pcm_sframes_t)size;
}

static int paced_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned int count,
                         unsigned short *revents)
{
    uint64_t ticks;

    *revents = 0;
    if (count == 1 && (fds->revents & POLLIN) && read(io->poll_fd, &ticks, sizeof ticks) > 0)
        *revents = io->stream == SND_PCM_STREAM_PLAYBACK ? POLLOUT : POLLIN;
    return 0;
}

static int paced_close(snd_pcm_ioplug_t *io)
{
    struct paced *jack = io->private_data;

    fclose(jack->file);
    close(io->poll_fd);
    free(jack);
    return 0;
}

static const snd_pcm_ioplug_callback_t paced_callbacks = {
    .start = paced_start,
    .stop = paced_stop,
    .pointer = paced_pointer,
    .transfer = paced_transfer,
    .close = paced_close,
    .prepare = paced_prepare,
    .poll_revents = paced_revents,
};

static int constrain(snd_pcm_ioplug_t *io)
{
    static const unsigned int access[] = { SND_PCM_ACCESS_RW_INTERLEAVED };
    static const unsigned int format[] = { SND_PCM_FORMAT_S16_LE };
    int err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);

    if (err >= 0)
        err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, format);
    if (err >= 0)
        err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 1);
    if (err >= 0)
        err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, RATE, RATE);
    if (err >= 0)
        err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 4096);
    if (err >= 0)
        err = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 1024, 65536);
    return err;
}

SND_PCM_PLUGIN_DEFINE_FUNC(paced)
{
    const struct itimerspec ticks = { { 0, TICK_NS }, { 0, TICK_NS } };
    int capture = stream == SND_PCM_STREAM_CAPTURE;
    const char *path = NULL;
    struct paced *jack;
    snd_config_iterator_t i, next;
    int err;

    (void)root;
    snd_config_for_each(i, next, conf) {
        snd_config_t *field = snd_config_iterator_entry(i);
        const char *id;

        if (snd_config_get_id(field, &id) >= 0 && strcmp(id, capture ? "infile" : "outfile") == 0)
            snd_config_get_string(field, &path);
    }
    jack = path ? calloc(1, sizeof *jack) : NULL;
    if (!jack)
        return -ENOENT;
    jack->file = fopen(path, capture ? "rb" : "ab");
    jack->io.version = SND_PCM_IOPLUG_VERSION;
    jack->io.name = "a file by the clock";
    jack->io.callback = &paced_callbacks;
    jack->io.private_data = jack;
    jack->io.poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    jack->io.poll_events = POLLIN;
    if (!jack->file || jack->io.poll_fd < 0)
        return -ENODEV;
    timerfd_settime(jack->io.poll_fd, 0, &ticks, NULL);
    err = snd_pcm_ioplug_create(&jack->io, name, stream, mode);
    if (err >= 0)
        err = constrain(&jack->io);
    *pcmp = jack->io.pcm;
    return err;
}

SND_PCM_PLUGIN_SYMBOL(paced);
