new WfmGateway().drain();
