// SPDX-License-Identifier: GPL-2.0
/*
 * An SPI bus whose data out is wired to its data in, with one device that spidev takes: a guest's
 * /dev/spidev0.0. What a program writes is what it reads.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>

static struct platform_device *board;

static int loop_transfer(struct spi_controller *bus, struct spi_device *device,
			 struct spi_transfer *transfer)
{
	if (transfer->rx_buf && transfer->tx_buf)
		memcpy(transfer->rx_buf, transfer->tx_buf, transfer->len);
	else if (transfer->rx_buf)
		memset(transfer->rx_buf, 0, transfer->len);
	return 0;
}

static int __init spi_loopback_init(void)
{
	/* A name that spidev's own table has, whatever else the device stands for. */
	struct spi_board_info info = { .modalias = "dh2228fv", .max_speed_hz = 10000000 };
	struct spi_controller *bus;
	int done;

	board = platform_device_register_simple("spi_loopback", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(board))
		return PTR_ERR(board);
	bus = spi_alloc_master(&board->dev, 0);
	if (!bus) {
		platform_device_unregister(board);
		return -ENOMEM;
	}
	bus->bus_num = 0;
	bus->num_chipselect = 2;
	bus->mode_bits = SPI_CPOL | SPI_CPHA | SPI_CS_HIGH | SPI_LSB_FIRST;
	bus->bits_per_word_mask = SPI_BPW_RANGE_MASK(1, 32);
	bus->transfer_one = loop_transfer;
	done = devm_spi_register_controller(&board->dev, bus);
	if (done) {
		spi_controller_put(bus);
		platform_device_unregister(board);
		return done;
	}
	if (!spi_new_device(bus, &info)) {
		platform_device_unregister(board);
		return -ENODEV;
	}
	return 0;
}

static void __exit spi_loopback_exit(void)
{
	platform_device_unregister(board);
}

module_init(spi_loopback_init);
module_exit(spi_loopback_exit);
MODULE_DESCRIPTION("An SPI bus wired to itself");
MODULE_LICENSE("GPL");
